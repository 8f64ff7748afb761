CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE projects (
  id integer primary key,
  path text not null unique,   -- the repository's main folder; worktrees share it
  name text not null
) strict;
CREATE TABLE sessions (
  id integer primary key,
  uid text not null unique,    -- what the person and scripts call it; made of agent and native id, so a rebuild keeps it
  agent text not null,
  native_id text not null,
  title text,                  -- NULL: no name found
  cwd text,                    -- where it began; NULL: its log does not tell
  cwd_rank text,               -- which log told: the session's own before a sub-agent's, then the oldest
  project_id integer references projects(id),
  started_at integer,
  ended_at integer,
  turns integer not null default 0,
  -- sums of its requests, kept with them so that lists do not add up history
  requests integer not null default 0,
  input integer not null default 0,
  output integer not null default 0,
  reasoning integer,
  cache_read integer not null default 0,
  cache_write_5m integer not null default 0,
  cache_write_1h integer not null default 0,
  web_searches integer not null default 0,
  recorded_cost integer,
  list_value integer not null default 0,
  unpriced integer not null default 0,
  tokens_from integer not null default 0, -- place in model.TOKENS_FROM, the weakest of its requests and of the next column
  tokens_base integer not null default 0, -- the same for the session as such: its agent may record no tokens
  unique (agent, native_id)
) strict;
CREATE TABLE aliases (
  agent text not null,
  native_id text not null,     -- of a sub-agent's own session
  session_id integer not null references sessions(id), -- whose spend it is
  primary key (agent, native_id)
) strict, without rowid;
CREATE INDEX sessions_by_end on sessions (ended_at);
CREATE TABLE logs (
  id integer primary key,
  agent text not null,
  path text not null,
  root text not null,
  session_id integer references sessions(id), -- NULL: nothing read yet that tells, or a log of many sessions
  subagent integer not null,
  size integer not null,
  mtime_ns integer not null,
  inode integer not null,
  cursor text,                 -- the reader's own; NULL: never read
  first_at integer,            -- time of its first record: of two files that hold a request, the older owns it
  version text,                -- of the agent that wrote it
  read_at integer,
  gone_at integer,             -- when the file was first missed; its rows stay
  error text,                  -- why it could not be read last time
  unreadable integer not null default 0, -- records that could not be used
  unique (agent, path)
) strict;
CREATE INDEX logs_by_session on logs (session_id);
CREATE TABLE problems (
  log_id integer not null references logs(id),
  position integer not null,
  reason text not null,
  primary key (log_id, position)
) strict, without rowid;
CREATE TABLE titles (
  session_id integer not null references sessions(id),
  kind text not null,
  leaf text not null default '', -- a summary names a session by its last answer, which may be another session's
  position integer not null,
  text text not null,
  primary key (session_id, kind, leaf)
) strict, without rowid;
CREATE INDEX titles_by_leaf on titles (leaf) where leaf <> '';
CREATE TABLE turns (
  session_id integer not null references sessions(id),
  native_id text not null,
  at integer,
  position integer not null,
  seq integer not null default 0,
  leaf text,
  primary key (session_id, native_id)
) strict, without rowid;
CREATE INDEX turns_by_time on turns (session_id, at, seq);
CREATE INDEX turns_by_leaf on turns (leaf) where leaf is not null;
CREATE TABLE places (
  id integer primary key,
  cwd text not null default '',
  branch text not null default '',
  unique (cwd, branch)
) strict;
CREATE TABLE models (
  id integer primary key,
  name text not null unique
) strict;
CREATE TABLE requests (
  id integer primary key,
  agent text not null,
  key text not null,           -- the same in every copy of the request
  session_id integer not null, -- in sessions; no foreign keys in this table: they cost a third of a first scan
  turn integer not null default 0,
  at integer,                  -- NULL: no record tells
  model_id integer,            -- in models; NULL: unknown.
  variant text not null,
  input integer not null,
  output integer not null,
  cache_read integer not null,
  cache_write_5m integer not null,
  cache_write_1h integer not null,
  reasoning integer,           -- NULL: not told apart
  web_searches integer not null,
  web_searches_found integer not null default 0, -- what tool results tell, used where the counter says 0
  recorded_cost integer,       -- what the log itself says it cost; NULL: nothing
  tokens_from integer not null,
  standing integer not null,
  log_id integer not null,     -- where the figures stand
  position integer not null,
  owner text not null,         -- of two sessions that hold it the smaller text owns it: claim, age of the log, session
  place_id integer,
  list_value integer,          -- NULL: unpriced
  price_id integer,            -- NULL: unpriced; 0: to be priced again
  unique (agent, key)
) strict;
CREATE INDEX requests_by_time on requests (at);
CREATE INDEX requests_by_session on requests (session_id);
CREATE INDEX requests_to_price on requests (id) where price_id = 0;
CREATE TABLE searches (
  agent text not null,
  tool_use_id text not null,
  request_key text not null,
  count integer not null,
  primary key (agent, tool_use_id)
) strict, without rowid;
CREATE TABLE marks (
  session_id integer not null references sessions(id),
  at integer not null,         -- 0: not known
  kind text not null,
  value text not null,
  source text not null,
  primary key (session_id, kind, value, source, at)
) strict, without rowid;
CREATE TABLE prices (
  id integer primary key,
  model text not null,
  variant text not null,
  since integer,               -- NULL: as long as the list knows
  until integer,               -- NULL: still in force
  rates text not null,         -- JSON: micro-dollars for a million tokens of each kind
  tiers text not null,         -- JSON: [[threshold, rates], …] of the whole request's prompt
  source text not null,        -- price list and version
  matched text not null        -- the list's own name for the model
) strict;
CREATE TABLE settings (
  key text primary key,
  value text not null
) strict, without rowid;
CREATE TABLE limits (
  agent text not null,
  name text not null,          -- the agent's own id of the limit
  window integer not null,     -- its length in minutes
  used_percent real not null,
  resets_at integer,           -- NULL: the log does not tell
  seen_at integer not null,    -- of all logs the newest word counts
  primary key (agent, name, window)
) strict, without rowid;
CREATE TABLE twins (
  agent text not null,
  key text not null,           -- of a request
  twin text not null,          -- what its copies under other keys have in common with it; where another one counts,
                               -- the request's session_id is 0
  primary key (agent, key)
) strict, without rowid;
CREATE INDEX twins_by_twin on twins (agent, twin);
CREATE TABLE beginnings (
  session_id integer primary key references sessions(id),
  first_at integer not null    -- when it began, told by a log that is not this session's alone
) strict;
CREATE TABLE by_turn (
  session_id integer primary key references sessions(id) -- its agent tells at most one request a turn: a turn without one
                               -- used tokens that are not known
) strict;
CREATE TABLE session_models (
  session_id integer not null references sessions(id),
  model text not null,         -- as logged; what requests tell of models is told only where tokens are recorded
  primary key (session_id, model)
) strict, without rowid;
CREATE TABLE account_usage (
  id integer primary key,
  agent text not null,
  fingerprint text not null,   -- of what every version of the export has: time, model, counters
  copy integer not null,       -- rows may be equal and yet be two: this is which of them, counted within a file
  at integer,                  -- NULL: the row names only its day
  day text,                    -- NULL: the row names its moment
  model text,                  -- NULL: none is named
  kind text not null,          -- what the export says of billing
  max_mode integer not null,
  input integer not null,
  cache_read integer not null,
  cache_write integer not null,
  output integer not null,
  cost integer,                -- micro-dollars; NULL: a word that is no amount
  cost_text text not null,     -- as written
  charged integer not null,    -- 0: a request that failed and is not charged; it is no spend
  cloud_agent text,            -- the session in the agent's cloud that used it
  imported_at integer not null,
  unique (agent, fingerprint, copy)
) strict;
CREATE INDEX account_usage_by_time on account_usage (agent, at);
CREATE TABLE confirmed_months (
  month text primary key,      -- 2026-11
  through text not null        -- the day up to which all charges of it are entered
) strict, without rowid;
CREATE TABLE closed_weeks (
  week text primary key,       -- 2026-W47
  closed_at integer not null
) strict, without rowid;
CREATE TABLE tasks (
  id integer primary key autoincrement,
  uid text not null unique,    -- what the person and scripts call it
  title text not null,
  key text,                    -- PAY-12 or #12, as the tracker writes it; NULL: it has none
  url text,                    -- NULL: it has none
  project_id integer references projects(id), -- NULL: of no one repository
  size text check (size in ('S', 'M', 'L')),  -- NULL: not said
  anyway text check (anyway in ('yes', 'no', 'unsure')), -- would it have been done without an agent; NULL: not asked
  note text not null default '',
  private integer not null default 0, -- its title leaves the machine only under an alias
  alias text,                  -- what a page for others calls it; NULL: its title
  follow_up_of integer references tasks(id),  -- NULL: of nothing
  status text not null default 'open' check (status in ('open', 'finished')),
  outcome text check (outcome in ('shipped', 'delivered', 'learned', 'decided not to', 'abandoned', 'superseded')),
  finished_at integer,         -- NULL: open
  created_at integer not null,
  check ((status = 'finished') = (outcome is not null)),
  check ((status = 'finished') = (finished_at is not null))
) strict;
CREATE UNIQUE INDEX tasks_by_key on tasks (coalesce(project_id, 0), upper(key)) where key is not null;
CREATE TABLE outcomes (
  id integer primary key autoincrement,
  task_id integer not null references tasks(id) on delete cascade,
  at integer not null,
  outcome text,                -- NULL: opened again
  note text not null default ''
) strict;
CREATE INDEX outcomes_by_task on outcomes (task_id, at);
CREATE TABLE estimates (
  id integer primary key autoincrement,
  task_id integer not null references tasks(id) on delete cascade,
  made_at integer not null,
  what text not null check (what in ('spend', 'with_ai', 'without_ai')),
  low integer not null,        -- micro-dollars of list value, or minutes
  high integer not null,
  spent integer not null,      -- list value of the task when it was made, micro-dollars: late ones calibrate nothing
  check (0 <= low and low <= high)
) strict;
CREATE INDEX estimates_by_task on estimates (task_id, made_at);
CREATE TABLE rules (
  id integer primary key autoincrement,
  uid text not null unique,
  kind text not null check (kind in ('branch', 'key', 'path')),
  project_id integer references projects(id), -- NULL: any
  pattern text not null,       -- the branch, the key, or a folder inside the project
  task_id integer not null references tasks(id) on delete cascade,
  paused text,                 -- why it sleeps, in words; NULL: it is active
  created_at integer not null
) strict;
CREATE UNIQUE INDEX rules_by_pattern on rules (kind, coalesce(project_id, 0), pattern);
CREATE TABLE links (
  id integer primary key autoincrement,
  session_id integer not null references sessions(id),
  task_id integer references tasks(id) on delete cascade, -- NULL: no task, on purpose
  turn_from integer not null default 0,
  turn_to integer,             -- included; NULL: open, later turns too
  from_prompt text,            -- native id of the turn it begins with, by which the range is found again should turns be
                               -- numbered anew; NULL: the session's beginning
  to_prompt text,              -- of the turn after its last one; NULL: open, or there is none yet
  source text not null check (source in ('manual', 'suggested', 'rule')),
  rule_id integer references rules(id) on delete set null,
  created_at integer not null,
  check (0 <= turn_from and (turn_to is null or turn_to >= turn_from)),
  check (rule_id is null or source = 'rule')
) strict;
CREATE INDEX links_by_session on links (session_id, turn_from);
CREATE INDEX links_by_task on links (task_id);
CREATE TRIGGER links_do_not_overlap before insert on links begin
  select raise(abort, 'a turn belongs to one task') where exists (select 1 from links l
  where l.session_id = new.session_id and l.turn_from <= coalesce(new.turn_to, l.turn_from)
  and new.turn_from <= coalesce(l.turn_to, new.turn_from)); end;
CREATE TRIGGER links_do_not_come_to_overlap before update on links begin
  select raise(abort, 'a turn belongs to one task') where exists (select 1 from links l
  where l.session_id = new.session_id and l.id <> old.id and l.turn_from <= coalesce(new.turn_to, l.turn_from)
  and new.turn_from <= coalesce(l.turn_to, new.turn_from)); end;
CREATE TABLE rule_hits (
  rule_id integer not null references rules(id) on delete cascade,
  session_id integer not null references sessions(id),
  at integer not null,
  overridden integer not null default 0, -- 1: the person changed what it linked; 2: before the rule was last woken up
  primary key (rule_id, session_id)
) strict, without rowid;
CREATE TABLE rejections (
  session_id integer not null references sessions(id),
  task_id integer not null references tasks(id) on delete cascade,
  at integer not null,
  primary key (session_id, task_id)
) strict, without rowid;
CREATE TABLE declarations (
  id integer primary key autoincrement,
  task_id integer not null references tasks(id) on delete cascade,
  folder text not null,        -- where it was said; which session ran there is asked when suggesting
  at integer not null
) strict;
CREATE TABLE changes (
  id integer primary key autoincrement,
  at integer not null,
  what text not null,          -- in words: what the way back is offered for
  undone_at integer            -- NULL: it stands
) strict;
CREATE TABLE change_rows (
  change_id integer not null references changes(id) on delete cascade,
  seq integer not null,
  place text not null,         -- the table
  before text,                 -- JSON of the row; NULL: it was not there
  after text,                  -- JSON of the row; NULL: it is gone
  primary key (change_id, seq)
) strict, without rowid;
CREATE VIEW requests_by_task as
  select r.*, l.id as link_id, l.task_id from requests r left join links l
  on l.session_id = r.session_id and r.turn >= l.turn_from and (l.turn_to is null or r.turn <= l.turn_to);
CREATE TABLE repositories (
  project_id integer primary key references projects(id),
  looked text not null default '', -- digest of its files' times when git was last asked; '': ask again
  refs text,                   -- digest of the refs whose whole history is in `commits`; NULL: not all of it yet
  default_branch text,         -- without a remote's name; NULL: it has none
  tips text not null default '{}', -- JSON: ref ▶ sha of the default branch, here and at its remotes, as far as `landed` goes
  hosts text not null default '[]', -- JSON: host and path of its remotes, the best first; no user, no password
  addresses text not null default '[]', -- JSON: the person's own, as its configuration tells
  error text,                  -- why it cannot be read, in one sentence; NULL: it can
  read_at integer              -- when git was last asked; NULL: never
) strict;
CREATE TABLE commits (
  id integer primary key,
  project_id integer not null references projects(id),
  sha blob not null,
  parents blob not null,       -- their shas one after the other
  authored_at integer not null,
  committed_at integer not null,
  author blob not null,        -- digests of the addresses: whose other commits are is not kept
  committer blob not null,
  landed integer,              -- the commit that brought it into the default branch, itself if it was made there; NULL: none
  copied integer,              -- the commit there that makes its change too, after a squash or a rebase; NULL: none was found
  unique (project_id, sha)
) strict;
CREATE INDEX commits_by_time on commits (project_id, committed_at);
CREATE INDEX commits_by_landing on commits (landed) where landed is not null;
CREATE TABLE commit_marks (
  commit_id integer not null references commits(id),
  kind text not null,
  value text not null,
  primary key (commit_id, kind, value)
) strict, without rowid;
CREATE INDEX commit_marks_by_value on commit_marks (value, kind);
CREATE TABLE branches (
  id integer primary key,
  project_id integer not null references projects(id),
  ref text not null,           -- refs/heads/…, refs/remotes/…; a bare name is known by a session and its commits alone
  tip blob not null,
  gone_at integer,             -- when it was first missed; NULL: it is there, or was never seen
  merged text check (merged in ('fast-forward', 'merge', 'squash', 'rebase')), -- NULL: no merge was detected
  merged_by blob,              -- the commit of the default branch that brought it
  checked text,                -- its tip, and a digest of the default branch, with which `merged` was found; NULL: never
  unique (project_id, ref)
) strict;
CREATE TABLE reviews (
  week text not null,          -- 2026-W47
  revision integer not null,   -- 1 when it was closed first; one more each time it was closed again
  closed_at integer not null,
  snapshot text not null,      -- canonical JSON of all its figures; never changed
  sha256 text not null,        -- of the snapshot
  primary key (week, revision)
) strict, without rowid;
CREATE TABLE drafts (
  week text primary key,       -- of a review that was begun
  step integer not null default 0,
  place text not null default '', -- what the step stands at, so that it goes on there
  tried text check (tried in ('yes', 'partly', 'no')), -- what the week before intended; NULL: not asked yet
  note text not null default '',
  intent text not null default '', -- the one thing to try next week
  changed_at integer not null
) strict;
CREATE TABLE verdicts (
  id integer primary key autoincrement,
  task_id integer not null references tasks(id) on delete cascade,
  at integer not null,
  worth text not null check (worth in ('yes', 'no', 'unsure')), -- was it worth at least so much of the person's time
  list_value integer,          -- of the task when it was asked; NULL: not known
  rate integer                 -- micro-dollars an hour by which it was asked; NULL: none was given
) strict;
CREATE INDEX verdicts_by_task on verdicts (task_id, at);
CREATE TABLE follow_ups (
  task_id integer not null references tasks(id) on delete cascade,
  days integer not null,       -- so long after it was shipped: 7, 30, 60
  at integer not null,
  answer text not null check (answer in ('yes', 'no', 'unsure')), -- is it still in place
  primary key (task_id, days)
) strict, without rowid;
CREATE TABLE insights (
  week text not null,          -- in whose review it was shown
  kind text not null,
  subject text not null,       -- what it is about: a task, a session, or nothing
  text text not null,
  shown_at integer not null,
  answer text check (answer in ('kept', 'not useful')), -- NULL: neither
  primary key (week, kind, subject)
) strict, without rowid;
CREATE VIRTUAL TABLE words using fts5(title, body, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
CREATE TRIGGER words_of_a_new_task after insert on tasks begin
  insert into words (rowid, title, body) values (new.id * 4, ifnull(new.key || ' ', '') || new.title, new.note); end;
CREATE TRIGGER words_of_a_changed_task after update of id, key, title, note on tasks
  when new.title is not old.title or new.note is not old.note or new.key is not old.key begin
  update words set title = ifnull(new.key || ' ', '') || new.title, body = new.note where rowid = new.id * 4; end;
CREATE TRIGGER words_of_a_deleted_task after delete on tasks begin delete from words where rowid = old.id * 4; end;
CREATE TRIGGER words_of_a_new_session after insert on sessions when new.title is not null begin
  insert into words (rowid, title, body) values (new.id * 4 + 1, new.title, ''); end;
CREATE TRIGGER words_of_a_changed_session after update of title on sessions when new.title is not old.title begin
  insert or replace into words (rowid, title, body) values (new.id * 4 + 1, ifnull(new.title, ''), ''); end;
CREATE TRIGGER words_of_a_deleted_session after delete on sessions begin delete from words where rowid = old.id * 4 + 1; end;
CREATE TRIGGER words_of_a_new_outcome after insert on outcomes when new.note <> '' begin
  insert into words (rowid, title, body) values (new.id * 4 + 2, '', new.note); end;
CREATE TRIGGER words_of_a_changed_outcome after update of note on outcomes when new.note is not old.note begin
  insert or replace into words (rowid, title, body) values (new.id * 4 + 2, '', new.note); end;
CREATE TRIGGER words_of_a_deleted_outcome after delete on outcomes begin delete from words where rowid = old.id * 4 + 2; end;
CREATE TRIGGER words_of_a_draft after insert on drafts begin
  insert or replace into words (rowid, title, body)
  values ((substr(new.week, 1, 4) || substr(new.week, 7)) * 4 + 3, new.week, trim(new.note || char(10) || new.intent)); end;
CREATE TRIGGER words_of_a_changed_draft after update on drafts begin
  insert or replace into words (rowid, title, body)
  values ((substr(new.week, 1, 4) || substr(new.week, 7)) * 4 + 3, new.week, trim(new.note || char(10) || new.intent)); end;
CREATE TRIGGER words_of_a_deleted_draft after delete on drafts begin
  delete from words where rowid = (substr(old.week, 1, 4) || substr(old.week, 7)) * 4 + 3; end;
CREATE TABLE exports (
  id integer primary key,
  at integer not null,
  format text not null,
  weeks text not null,         -- JSON: 2026-W47, …
  created text not null,       -- the day that stands on the page
  sha256 text not null,        -- of what the page says; its bytes are not kept
  withheld integer not null,   -- rows kept back
  accepted integer not null,   -- findings let through
  options text not null        -- JSON by which the page can be made again
) strict;
CREATE INDEX exports_by_digest on exports (sha256);
CREATE TRIGGER reviews_stay before update on reviews begin select raise(abort, 'what was closed never changes'); end;
CREATE TRIGGER reviews_stay_there before delete on reviews begin select raise(abort, 'what was closed never changes'); end;
CREATE VIEW shippings as
  select id as task_id, finished_at as at from tasks where outcome = 'shipped' union all
  select o.task_id, o.at from outcomes o where o.outcome = 'shipped'
  and (select b.outcome from outcomes b where b.task_id = o.task_id and (b.at, b.id) < (o.at, o.id)
    order by b.at desc, b.id desc limit 1) is not 'shipped'
  and exists (select 1 from outcomes n where n.task_id = o.task_id and n.outcome is null and (n.at, n.id) > (o.at, o.id)
    and not exists (select 1 from outcomes b where b.task_id = o.task_id and b.outcome <> 'shipped'
      and (b.at, b.id) > (o.at, o.id) and (b.at, b.id) < (n.at, n.id)));
CREATE TABLE plan_ends (
  plan integer not null,
  by_plan integer not null,
  primary key (plan, by_plan)
) strict, without rowid;
CREATE TABLE "plans" (
  id integer primary key autoincrement,
  name text not null,
  fee integer not null check (fee >= 0), -- micro-dollars for a billing period
  period text not null check (period in ('month', 'year')),
  agents text not null,        -- JSON: names of the agents whose use it pays for
  since text not null,         -- local day on which it began, and with it each billing period
  until text,                  -- the last local day that the person gave it; NULL: none
  made_at integer not null
) strict;
CREATE TABLE "charges" (
  id integer primary key autoincrement,
  day text not null,           -- local day
  amount integer not null,     -- micro-dollars; a refund is negative
  note text not null,
  agent text,                  -- NULL: not told
  fingerprint text,            -- of an imported row; NULL: typed in
  copy integer not null default 0, -- rows may be equal and yet be two: which of them, counted within a file
  made_at integer not null,
  unique (fingerprint, copy)
) strict;
CREATE INDEX charges_by_day on charges (day);
CREATE TABLE "budgets" (
  id integer primary key autoincrement,
  measure text not null check (measure in ('list_value', 'paid', 'tokens')),
  amount integer not null check (amount >= 0), -- micro-dollars or tokens; 0: nothing is planned from here on
  period text not null check (period in ('day', 'week', 'month')),
  project text,                -- NULL: all
  since text not null,         -- local day from which it is in force; an older one ends there
  made_at integer not null
) strict
