"""The vocabulary that every stage shares: frozen values and the error tree. Imports nothing of ours."""
