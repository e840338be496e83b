package dev.warren.relay.server.access;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Whether a body is exactly {@code true}. Stops to read at the first byte that tells. */
final class ExactBody implements HttpResponse.BodySubscriber<Boolean> {
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);

  private final CompletableFuture<Boolean> result = new CompletableFuture<>();
  private final boolean goodStatus;
  private int matched;
  private Flow.@Nullable Subscription subscription;

  ExactBody(int status) {
    goodStatus = status == 200;
  }

  @Override
  public CompletionStage<Boolean> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    if (goodStatus) {
      given.request(1);
    } else {
      refuse();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    for (ByteBuffer part : item) {
      while (part.hasRemaining()) {
        if (matched == TRUE.length || part.get() != TRUE[matched]) {
          refuse();
          return;
        }
        matched++;
      }
    }
    subscription.request(1);
  }

  private void refuse() {
    subscription.cancel();
    result.complete(false);
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    result.complete(matched == TRUE.length);
  }
}
