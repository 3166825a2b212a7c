"""Single logout as the vendors do it: from the portal to every application, and from one application to the others."""
