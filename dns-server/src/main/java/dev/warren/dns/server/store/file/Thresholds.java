package dev.warren.dns.server.store.file;

/**
 * When the writer tidies up.
 *
 * @param unsaved a checkpoint is made when so many bytes are only in the table's memory: it is
 *     written in one piece, from a buffer of that size, so this and that much again is what the
 *     heap must have room for
 * @param log a checkpoint is made when the log has so many bytes: what a start has to read again
 * @param mostLog without room for a checkpoint, writes are refused when the log has so many
 * @param compact so many bytes are rewritten at once, between two groups of packets
 */
record Thresholds(long unsaved, long log, long mostLog, int compact) {
  /** 5 s of reading at a start at most, checkpoints of about 0.2 s, rewriting of about 50 ms. */
  static final Thresholds DEFAULT = new Thresholds(24 << 20, 16 << 20, 64 << 20, 4 << 20);
}
