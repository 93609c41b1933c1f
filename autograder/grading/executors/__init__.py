"""Where judges are: processes of this machine, or of a cluster."""
