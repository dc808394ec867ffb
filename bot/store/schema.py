"""The tables as the migrations create them; released text that is never edited.

Times are ISO 8601 in UTC with six decimals, so that their order as text is their order in time.
"""

__all__ = ["CASES", "COUNTERS", "DELIVERY", "MAIL", "TEXTS", "WATCHES"]

CASES = """
CREATE TABLE cases (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- an id that was erased is not given again
  thread TEXT NOT NULL,
  kind TEXT NOT NULL,
  opened TEXT NOT NULL,
  updated TEXT NOT NULL,
  closed TEXT,
  state TEXT NOT NULL,
  node TEXT,
  outcome TEXT,
  verdict TEXT,
  host TEXT,
  port INTEGER,
  provider TEXT,
  client TEXT,
  security TEXT,
  summary TEXT NOT NULL,
  questions INTEGER NOT NULL,
  seconds_to_verdict REAL,
  handed_over INTEGER NOT NULL DEFAULT 0,  -- whether a human was ever asked to take over
  asked_by TEXT NOT NULL,
  session TEXT NOT NULL,
  revision INTEGER NOT NULL,
  knowledge_version TEXT NOT NULL,
  due TEXT
) STRICT;
CREATE INDEX cases_by_thread ON cases (thread, id);
CREATE INDEX cases_by_due ON cases (due) WHERE due IS NOT NULL;
CREATE INDEX cases_by_opened ON cases (opened);
CREATE INDEX cases_by_person ON cases (asked_by, id);
CREATE INDEX cases_by_server ON cases (host, verdict, opened) WHERE host IS NOT NULL;

CREATE TABLE events (
  case_id INTEGER NOT NULL REFERENCES cases (id),
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (case_id, seq)
) STRICT, WITHOUT ROWID;
-- A person has a right to be forgotten: cases named here, in the transaction that erases them,
-- may lose their events. Nothing else may touch an event.
CREATE TABLE erasing (case_id INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM erasing WHERE case_id = old.case_id) BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;

CREATE TABLE resolutions (
  case_id INTEGER PRIMARY KEY REFERENCES cases (id),
  outcome TEXT NOT NULL,
  actual_cause TEXT,
  note TEXT NOT NULL,
  by TEXT NOT NULL,
  at TEXT NOT NULL,
  helped TEXT NOT NULL DEFAULT '[]'  -- ids of advice as a JSON list
) STRICT;

CREATE TABLE advice_given (
  case_id INTEGER NOT NULL REFERENCES cases (id),
  position INTEGER NOT NULL,
  advice TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (case_id, advice)
) STRICT, WITHOUT ROWID;
"""

MAIL = """
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  thread TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  received TEXT NOT NULL,
  handled TEXT,
  expires TEXT NOT NULL
) STRICT;
CREATE INDEX inbox_unhandled ON inbox (id) WHERE handled IS NULL;
CREATE INDEX inbox_by_expiry ON inbox (expires);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  case_id INTEGER REFERENCES cases (id),
  thread TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent')),
  attempts INTEGER NOT NULL,
  created TEXT NOT NULL,
  due TEXT,
  reference TEXT,
  sent TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (thread, id) WHERE state <> 'sent';
CREATE INDEX outbox_by_case ON outbox (case_id);
"""

# Ranking reads how often each word occurs in an index, so a common word costs as much as the whole
# index is long. `texts_recent` holds the newest 50,000 cases for exactly that reason: where the
# matches to be ranked are all among them, it is asked instead of `texts_index`. No trigger keeps
# the two: with trusted_schema off none may write to a virtual table, so `bot.store.texts` does it.
TEXTS = """
CREATE TABLE texts (
  case_id INTEGER PRIMARY KEY REFERENCES cases (id),
  summary TEXT NOT NULL,
  words TEXT NOT NULL,
  note TEXT NOT NULL,
  names TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE texts_index USING fts5 (
  summary, words, note, names,
  content = 'texts', content_rowid = 'case_id',
  tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE texts_recent USING fts5 (
  summary, words, note, names,
  tokenize = 'porter unicode61 remove_diacritics 2'
);
"""

COUNTERS = """
CREATE TABLE counters (
  dimension TEXT NOT NULL,
  key TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (dimension, key)
) STRICT, WITHOUT ROWID;
"""

WATCHES = """
CREATE TABLE watches (
  id INTEGER PRIMARY KEY,
  case_id INTEGER REFERENCES cases (id),
  thread TEXT NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  security TEXT,
  created TEXT NOT NULL,
  due TEXT NOT NULL,
  lease_until TEXT,
  owner TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  done TEXT
) STRICT;
CREATE INDEX watches_by_due ON watches (due) WHERE done IS NULL;
CREATE INDEX watches_by_case ON watches (case_id);

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  until TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

# A letter knows the turn that its buttons belong to, when it was last sent off, and why it never
# will be; an event of the log knows the inbox event that it came from.
DELIVERY = """
ALTER TABLE outbox RENAME TO outbox_before;
DROP INDEX outbox_waiting;
DROP INDEX outbox_by_case;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  case_id INTEGER REFERENCES cases (id),
  thread TEXT NOT NULL,
  payload TEXT NOT NULL,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed')),
  attempts INTEGER NOT NULL,
  created TEXT NOT NULL,
  tried TEXT,
  ended TEXT,
  reference TEXT,
  because TEXT
) STRICT;
INSERT INTO outbox (
  id, key, case_id, thread, payload, revision, state, attempts, created, ended, reference
) SELECT id, key, case_id, thread, payload, 0, state, attempts, created, sent, reference
FROM outbox_before;
DROP TABLE outbox_before;
CREATE INDEX outbox_waiting ON outbox (thread, id) WHERE state IN ('pending', 'sending');
CREATE INDEX outbox_by_case ON outbox (case_id);
CREATE INDEX outbox_by_thread ON outbox (thread, id);
CREATE INDEX inbox_by_thread ON inbox (thread) WHERE handled IS NULL;
CREATE INDEX cases_checking ON cases (id) WHERE state = 'checking';
ALTER TABLE events ADD COLUMN source TEXT;
"""
