"""Stand-ins for Entra ID, Microsoft Graph and Azure Resource Manager, on one TLS server."""
