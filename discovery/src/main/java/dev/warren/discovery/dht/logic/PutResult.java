package dev.warren.discovery.dht.logic;

import dev.warren.discovery.dht.wire.MutableItem;
import org.jspecify.annotations.Nullable;

/**
 * What became of a put.
 *
 * @param item what was to be stored; null if it was decided not to
 * @param asked nodes that it was sent to
 * @param stored nodes that have it now
 * @param newer nodes that hold a newer one
 * @param newest the newest item that was found on the way
 */
public record PutResult(
    @Nullable MutableItem item, int asked, int stored, int newer, @Nullable MutableItem newest) {
  /** Whether most nodes hold a newer item, which the lookup has not seen. */
  public boolean isConflict() {
    return 2 * newer > asked;
  }
}
