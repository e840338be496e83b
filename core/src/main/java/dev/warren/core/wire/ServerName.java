package dev.warren.core.wire;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.wire.Base32;
import java.util.Optional;

/**
 * The TLS server name of a node: {@code <base32hex of the id>.iroh.invalid} (identity-and-tls
 * section 4). The client sends it, derives the id that it expects from it, and keys its session
 * cache by it; a server ignores it. Stateless.
 */
public final class ServerName {
  private static final String SUFFIX = ".iroh.invalid";

  private ServerName() {}

  public static String of(NodeId id) {
    return Base32.encodeHex(id.toBytes()) + SUFFIX;
  }

  /** The id that a name of this form stands for. */
  public static Optional<NodeId> parse(String name) {
    if (!name.endsWith(SUFFIX)) {
      return Optional.empty();
    }
    try {
      String label = name.substring(0, name.length() - SUFFIX.length());
      return Optional.of(NodeId.ofBytes(Base32.decodeHex(label)));
    } catch (KeyParseException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
