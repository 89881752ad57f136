"""Stand-in clouds on loopback that speak the real wire protocols, and the sample MSP estate."""
