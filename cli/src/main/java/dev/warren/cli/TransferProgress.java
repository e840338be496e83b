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
  /** Wider says no more. Narrower than the least, a bar would be broken over lines. */
  private static final int MAX_WIDTH = 100;

  private static final int MIN_WIDTH = 40;
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;
  private static final long EVENT_NANOS = 1_000_000_000;

  private final Output out;
  private final String task;
  private @Nullable ProgressBar bar;
  private long total;
  private long present;
  private long lastEvent;
  private long begun;
  private long ended;

  /** Draws a bar only if standard error is a terminal that is wide enough. */
  TransferProgress(Output out, String task) {
    this.out = out;
    this.task = task;
  }

  @Override
  public void begin(long totalBytes, long presentBytes) {
    total = totalBytes;
    present = presentBytes;
    lastEvent = System.nanoTime();
    begun = lastEvent;
    ended = lastEvent;
    int width = out.json() ? 0 : Math.min(MAX_WIDTH, Terminal.columns() - 1);
    if (width >= MIN_WIDTH) {
      boolean large = totalBytes >= 10 * MIB;
      // The bar comes again by itself, below the sentence.
      String blank = "\r" + " ".repeat(width) + "\r";
      out.beforeLine(() -> System.err.print(blank));
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(totalBytes)
              .startsFrom(presentBytes, java.time.Duration.ZERO)
              .setStyle(ProgressBarStyle.ASCII)
              .setUnit(large ? " MiB" : " KiB", large ? MIB : KIB)
              .showSpeed()
              .setUpdateIntervalMillis(100)
              .setConsumer(new ConsoleProgressBarConsumer(System.err, width))
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
    ended = now;
    if (out.json() && now - lastEvent >= EVENT_NANOS) {
      lastEvent = now;
      out.event("progress", null, "bytes", present, "total", total);
    }
  }

  /** From the beginning to the last bytes that were moved. */
  long nanos() {
    return ended - begun;
  }

  @Override
  public void close() {
    if (bar != null) {
      out.beforeLine(() -> {});
      bar.close();
      bar = null;
    }
  }
}
