package dev.warren.dns.server.store.file;

/**
 * When the writer tidies up.
 *
 * @param unsaved a checkpoint is made when so many bytes are only in the table's memory: it is
 *     written in one piece, from a buffer of that size, so this and that much again is what the
 *     heap must have room for
 * @param log a checkpoint is made when the log has so many bytes: what a start has to read again
 * @param mostLog without room for a checkpoint, writes are refused when the log has so many
 * @param compact so many bytes are rewritten at once, between two groups of packets; MVStore passes
 *     over a part of its file that holds more, so it must be more than a checkpoint writes together
 *     with what was rewritten before it
 */
record Thresholds(long unsaved, long log, long mostLog, int compact) {
  /**
   * Checkpoints of about 0.1 s; larger ones write less in all, but PUTs wait for them. (With parts
   * of 4 MiB rewritten and checkpoints of 24 MiB, the file had 1,049 bytes a key.)
   */
  static final Thresholds DEFAULT = new Thresholds(12 << 20, 16 << 20, 64 << 20, 16 << 20);
}
