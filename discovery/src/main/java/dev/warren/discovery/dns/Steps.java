package dev.warren.discovery.dns;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Two futures one after the other, of which cancelling ends whichever runs. */
final class Steps {
  private Steps() {}

  static <A, B> CompletableFuture<B> then(
      CompletableFuture<A> first, Function<A, CompletableFuture<B>> next) {
    CompletableFuture<B> result = new CompletableFuture<>();
    result.whenComplete((value, error) -> first.cancel(false));
    first.whenComplete(
        (a, error) -> {
          if (error != null) {
            result.completeExceptionally(error);
          } else if (!result.isDone()) {
            CompletableFuture<B> second = next.apply(a);
            result.whenComplete((value, e) -> second.cancel(false));
            second.whenComplete(
                (b, e) -> {
                  if (e != null) {
                    result.completeExceptionally(e);
                  } else {
                    result.complete(b);
                  }
                });
          }
        });
    return result;
  }
}
