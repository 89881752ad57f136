"""What Google's texts mean: members, roles, conditions. Pure functions, no calls."""
