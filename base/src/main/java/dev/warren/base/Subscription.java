package dev.warren.base;

/** A registered listener; closing it ends the calls. Idempotent, any thread. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
  @Override
  void close();
}
