package dev.warren.cli;

import dev.warren.cli.files.Progress;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far a transfer is: a bar on standard error for people, a {@code progress} event a second with
 * {@code --json}. One thread at a time.
 */
final class TransferProgress implements Progress, AutoCloseable {
  private static final int WIDTH = 78;
  private static final long MIB = 1 << 20;
  private static final long EVENT_NANOS = 1_000_000_000;

  private final Output out;
  private final String task;
  private final boolean visible;
  private @Nullable ProgressBar bar;
  private long total;
  private long present;
  private long lastEvent;

  /**
   * @param visible false to draw no bar, for a standard error that is not a terminal
   */
  TransferProgress(Output out, String task, boolean visible) {
    this.out = out;
    this.task = task;
    this.visible = visible;
  }

  @Override
  public void begin(long totalBytes, long presentBytes) {
    total = totalBytes;
    present = presentBytes;
    lastEvent = System.nanoTime();
    if (visible && !out.json()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(totalBytes)
              .startsFrom(presentBytes, java.time.Duration.ZERO)
              .setStyle(ProgressBarStyle.ASCII)
              .setUnit(" MiB", MIB)
              .showSpeed()
              .setUpdateIntervalMillis(100)
              .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
              .build();
    }
  }

  @Override
  public void moved(long bytes) {
    present += bytes;
    if (bar != null) {
      bar.stepTo(present);
    }
    long now = System.nanoTime();
    if (out.json() && now - lastEvent >= EVENT_NANOS) {
      lastEvent = now;
      out.event("progress", null, "bytes", present, "total", total);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
