"""The pages of the organization's admins: single sign-on, domains, login attempts."""
