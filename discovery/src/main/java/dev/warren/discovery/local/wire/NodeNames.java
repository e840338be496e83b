package dev.warren.discovery.local.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.wire.Base32;
import java.util.Arrays;
import java.util.Optional;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.TextParseException;

/** Names of nodes in DNS (discovery section 7.2): base32 ids, case being nothing in DNS. */
final class NodeNames {
  static final Name LOCAL = Name.fromConstantString("local.");

  /** Characters of 32 bytes in base32. */
  private static final int ID_LENGTH = 52;

  private NodeNames() {}

  /** The instance of {@code id} in a service. */
  static Name instance(NodeId id, Generation generation) {
    return under(Base32.encode(id.toBytes()), generation.service());
  }

  /** The host name that stands for one of the node's ports. */
  static Name target(NodeId id, int port) {
    return under(Base32.encode(id.toBytes()) + "-" + port, LOCAL);
  }

  private static Name under(String label, Name origin) {
    try {
      return Name.concatenate(Name.fromString(label), origin);
    } catch (TextParseException | NameTooLongException e) {
      throw new AssertionError(e);
    }
  }

  /** Whose instance in {@code generation} this is; empty if it is none. */
  static Optional<NodeId> nodeOf(Name name, Generation generation) {
    int labels = generation.service().labels() + 1;
    if (name.labels() != labels || !name.subdomain(generation.service())) {
      return Optional.empty();
    }
    byte[] label = name.getLabel(0);
    if (label[0] != ID_LENGTH) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          NodeId.parse(new String(Arrays.copyOfRange(label, 1, label.length), US_ASCII)));
    } catch (KeyParseException e) {
      return Optional.empty();
    }
  }
}
