"""What runs and doors tell programs: lines of a log (``log``), and metrics for Prometheus
(``run_metrics``, ``door_metrics``)."""
