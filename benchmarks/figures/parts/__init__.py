"""All parts, in the order of BENCHMARKS.md."""

from figures.declare import Part
from figures.parts.compressing import COMMUNITY, COMPRESS, STITCH
from figures.parts.learning import ABLATION, DEMO, EXPERT_ITERATION, LEARN, TRAIN
from figures.parts.maintaining import MINIMIZE, SHORTEN
from figures.parts.provers import ENVIRONMENT, STATES
from figures.parts.proving import LIBRARY, PROVE
from figures.parts.speed import LOAD, MACHINE

PARTS: tuple[Part, ...] = (
    DEMO,
    LOAD,
    PROVE,
    LIBRARY,
    COMPRESS,
    STITCH,
    SHORTEN,
    MINIMIZE,
    COMMUNITY,
    TRAIN,
    LEARN,
    EXPERT_ITERATION,
    ABLATION,
    MACHINE,
    ENVIRONMENT,
    STATES,
)
