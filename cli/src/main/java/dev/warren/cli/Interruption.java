package dev.warren.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * SIGINT and SIGTERM while a command runs: what is open is closed, so that peers hear of it and the
 * last events are told, and the process ends with an exit code of the command's contract instead of
 * the JVM's 130 or 143. For a server an interrupt is how serving ends: 0. For a command that has
 * not done yet what it was asked for it is a failure: 1.
 */
final class Interruption implements AutoCloseable {
  private volatile Runnable close = () -> {};
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread hook = new Thread(this::end, "warren-interrupted");
  private final Output out;
  private volatile int exitCode;

  private Interruption(Output out, int exitCode) {
    this.out = out;
    this.exitCode = exitCode;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** From now on until it is closed; what is opened meanwhile is told with {@link #closes}. */
  static Interruption ofServer(Output out) {
    return new Interruption(out, 0);
  }

  /** As {@link #ofServer(Output)} for a command that has something to do first: {@link #done}. */
  static Interruption ofWork(Output out) {
    return new Interruption(out, 1);
  }

  /** Something was opened; {@code open} closes it, is bounded, and may run on any thread. */
  void closes(Runnable open) {
    close = open;
  }

  /** What was asked for is done: an interrupt changes nothing about that. */
  void done(int code) {
    exitCode = code;
  }

  int exitCode() {
    return exitCode;
  }

  private void end() {
    int code = exitCode;
    close.run();
    if (code != 0) {
      Failures.report("interrupted", "interrupted", out.json(), code);
    }
    System.out.flush();
    Runtime.getRuntime().halt(code);
  }

  /** Blocks until {@link #stop()}, or for ever if the process is interrupted first. */
  void serve() throws InterruptedException {
    stopped.await();
  }

  /** Ends {@link #serve()}. */
  void stop() {
    stopped.countDown();
  }

  /**
   * The command has ended by itself. While an interrupt is being handled this does not return: what
   * fails because everything is being closed is nobody's news.
   */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException interrupted) {
      for (; ; ) {
        LockSupport.park(this);
      }
    }
  }
}
