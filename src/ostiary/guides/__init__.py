"""DATA. One TOML file per identity provider: what its console calls each field, where it stands, and the steps.

Everything that an admin reads about a foreign console comes from here. It knows no page, no HTML and no connection;
values are filled in by whoever shows it.
"""
