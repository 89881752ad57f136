"""Concludes, after every merge: who is who, who may act as whom, and who owns what."""

from datetime import datetime

from nhiscan.config.model import Config
from nhiscan.evidence.names import stage_names
from nhiscan.graph.reach import stage_reach
from nhiscan.graph.relations import stage_relations
from nhiscan.graph.staging import scratch
from nhiscan.matrix.accepted import stage_exceptions
from nhiscan.matrix.links import stage_links, stage_sanctioned
from nhiscan.matrix.read import joined, read_matrix
from nhiscan.matrix.stage import TABLES, stage_matrix
from nhiscan.ownership.claims import stage_claims
from nhiscan.ownership.roster import stage_parties, stage_tenants
from nhiscan.ownership.verdicts import stage_verdicts
from nhiscan.store.revision import Revision


def resolve(revision: Revision, config: Config, at: datetime) -> None:
    """Make all derived tables but the findings currently true, in one go over the whole store.

    A second run on the same facts at the same or a later time changes no row but confidences.
    People's accounts are judged by the same rules as machines'; the rules about owners leave
    them out (view `governed`). A tag that names nobody in the roster leaves the identity unowned:
    unknown is not gone, and no owner is guessed. ConfigError if the matrix cannot be read.
    """
    con = revision.con
    matrix = read_matrix(config)
    config = joined(config, matrix)
    with scratch(con):
        stage_tenants(con, config)
        revision.merge_derived("tenant", "staged_tenant")
        stage_parties(con, config, at)
        revision.merge_derived("party", "staged_party")
        stage_relations(con, config)
        revision.merge_derived("trust_relation", "staged_trust_relation")
        stage_matrix(con, config, matrix)
        for name in TABLES:
            revision.merge_derived(name, f"staged_{name}")
        stage_names(con)
        revision.merge_derived("identity_name", "staged_identity_name")
        stage_exceptions(con, config)
        revision.merge_derived("exception", "staged_exception")
        stage_links(con, matrix, at)
        revision.merge_derived("control_link", "staged_control_link")
        stage_claims(con, config, at)
        revision.merge_derived("ownership_claim", "staged_ownership_claim")
        stage_reach(con)
        revision.merge_derived("reach", "staged_reach")
        stage_sanctioned(con, at, config.policy.signoff_months)
        revision.merge_derived("shared", "staged_shared")
        stage_verdicts(con, config, at)
        revision.merge_derived("resolution", "staged_resolution")
