// What INFO says of snapshots, the append-only file and loading: a record that whoever saves, appends and loads keeps
// true. Knows none of them.

/** Times in milliseconds of the server's clock; -1: never, or not now. */
export class PersistenceStatus {
  // ---- loading
  isLoading = false
  loadStartedAt = -1
  /** Of the files; 0 if unknown. */
  loadTotalBytes = 0
  loadedBytes = 0
  /** What the file says of the memory that its writer used, 0 if it doesn't. */
  loadedUsedMemory = 0
  /** Of the last RDB file. */
  keysLoaded = 0
  keysExpired = 0

  // ---- a snapshot is being written, by whomever for whatever
  keysProcessed = 0
  keysTotal = 0
  /** Bytes that are kept because the snapshot sees them: those of the old state that are no longer in use. */
  keptBytes = 0
  keptBytesPeak = 0
  keptBytesAt = -1
  /** Snapshots that were taken, and how long the last one stopped the server: what Redis says of forks. */
  snapshots = 0
  lastSnapshotMicroseconds = 0

  // ---- snapshots on disk
  savedAt = 0
  isSaving = false
  saveStartedAt = -1
  lastSaveMs = -1
  lastSaveSucceeded = true
  saves = 0
  lastSaveKeptBytes = 0

  // ---- append-only file
  isAppending = false
  isRewriting = false
  isRewriteScheduled = false
  rewriteStartedAt = -1
  lastRewriteMs = -1
  lastRewriteSucceeded = true
  rewrites = 0
  rewriteFailures = 0
  lastWriteSucceeded = true
  lastRewriteKeptBytes = 0
  appendedBytes = 0
  baseBytes = 0
  bufferedBytes = 0
  pendingSyncs = 0
  delayedSyncs = 0
}
