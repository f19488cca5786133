"""Every table, for those who make, migrate or copy a whole database."""

import workflows.auditing.models
import workflows.cases.clock
import workflows.cases.comments
import workflows.cases.messages
import workflows.cases.models
import workflows.documents.models
import workflows.follow_up.report_models
import workflows.follow_up.year_models
import workflows.history.checks
import workflows.history.guards
import workflows.history.models
import workflows.history.seals
import workflows.notices.models
import workflows.organisation.absences
import workflows.organisation.accounts
import workflows.organisation.growth
import workflows.organisation.handing_over
import workflows.organisation.mandates
import workflows.organisation.models
import workflows.processes.migrations
import workflows.processes.models
import workflows.processes.workshop
import workflows.registers.models
import workflows.retention.models
import workflows.search.models
import workflows.steering.models
import workflows.tasks.approvals
import workflows.tasks.extensions
import workflows.tasks.filters
import workflows.tasks.models  # noqa: F401 (imported for their tables)
from workflows.database import Base

METADATA = Base.metadata
