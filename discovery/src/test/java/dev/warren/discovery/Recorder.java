package dev.warren.discovery;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Remembers what a lookup says, in order. */
final class Recorder implements ResolveSink {
  final List<DiscoveryItem> items = new CopyOnWriteArrayList<>();
  final List<String> ends = new CopyOnWriteArrayList<>();
  volatile @Nullable Throwable failure;

  @Override
  public void found(DiscoveryItem item) {
    if (!ends.isEmpty()) {
      throw new AssertionError("found after the end");
    }
    items.add(item);
  }

  @Override
  public void done() {
    ends.add("done");
  }

  @Override
  public void failed(Throwable cause) {
    failure = cause;
    ends.add("failed");
  }
}
