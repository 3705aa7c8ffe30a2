"""What AWS refuses and public emulators let pass, asked of the embedded cloud with boto3's checks off.

Each probe names the error code and HTTP status that AWS answers with. The list follows what was measured of the moto
server and ministack: trust policies, states, revisions, ranges, references and conflicts they do not check.
"""

from strict import buckets, functions, gateway, identity, queues, storage
from strict.probes import check

__all__ = ["buckets", "check", "functions", "gateway", "identity", "queues", "storage"]
