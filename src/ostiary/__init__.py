"""Ostiary: enterprise single sign-on for SaaS products. The folders are floors; docs/house.md is the plan."""
