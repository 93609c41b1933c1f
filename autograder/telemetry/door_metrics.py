"""A door's metrics, which Prometheus asks it for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class DoorMetrics:
    """What a door counts since it began."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter("door_answers", "Requests answered", ["endpoint", "status"],
                               registry=self.registry)
        self.seconds = Histogram("door_answer_seconds", "Time to answer a request", ["endpoint"],
                                 registry=self.registry)
        self.received = Counter("door_received", "Hand-ins received", ["assignment", "way"],
                                registry=self.registry)
        self.refused = Counter("door_refused", "Hand-ins refused", ["kind"],
                               registry=self.registry)
        self.waiting = Gauge("door_waiting", "Hand-ins in the queue", registry=self.registry)
        self.age = Gauge("door_waiting_seconds", "Age of the oldest hand-in in the queue",
                         registry=self.registry)
