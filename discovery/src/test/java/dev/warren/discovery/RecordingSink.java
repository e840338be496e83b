package dev.warren.discovery;

import dev.warren.testlab.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Remembers what a lookup says. */
public final class RecordingSink implements ResolveSink {
  public final List<DiscoveryItem> items = new CopyOnWriteArrayList<>();
  public final List<String> ends = new CopyOnWriteArrayList<>();
  private volatile @Nullable Throwable failure;

  @Override
  public void found(DiscoveryItem item) {
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

  /** Waits for the end, which comes once: "done", or the message of the failure. */
  public String end() {
    Await.until("the end of the lookup", Duration.ofSeconds(15), () -> !ends.isEmpty());
    Throwable cause = failure;
    return cause == null ? String.join(",", ends) : cause.getMessage();
  }
}
