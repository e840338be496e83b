package dev.warren.relay.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Tokens that several clients share. What is compared are SHA-256 digests, all of them, each in
 * constant time: so neither length nor content of a token, nor which one fits, shows in the time.
 */
final class SharedTokens implements AccessControl {
  private final List<byte[]> digests;

  SharedTokens(Collection<String> tokens) {
    if (tokens.isEmpty() || tokens.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException(
          tokens.isEmpty()
              ? "there is no shared token, so nobody could connect: name at least one"
              : "a shared token is empty: remove it or fill it in");
    }
    digests = tokens.stream().map(SharedTokens::digest).toList();
  }

  @Override
  public CompletionStage<AccessDecision> onConnect(AccessRequest request) {
    if (request.token().isEmpty()) {
      return FixedAccess.DENIED;
    }
    byte[] shown = digest(request.token().get());
    boolean known = false;
    for (byte[] digest : digests) {
      known |= MessageDigest.isEqual(digest, shown);
    }
    return known ? FixedAccess.ALLOWED : FixedAccess.DENIED;
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
