package dev.warren.relay.server.io;

import dev.warren.base.NodeId;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * The 32 bytes of an id as a key of maps that is read from a frame without an array and without
 * looking whether they are a curve point: whoever is found by them has proved that. A key in a map
 * must not be read into. Not thread-safe.
 */
final class IdKey implements Comparable<IdKey> {
  private long a;
  private long b;
  private long c;
  private long d;

  static IdKey of(NodeId id) {
    ByteBuffer bytes = ByteBuffer.wrap(id.toBytes());
    IdKey key = new IdKey();
    key.a = bytes.getLong();
    key.b = bytes.getLong();
    key.c = bytes.getLong();
    key.d = bytes.getLong();
    return key;
  }

  void read(ByteBuf buffer, int at) {
    a = buffer.getLong(at);
    b = buffer.getLong(at + 8);
    c = buffer.getLong(at + 16);
    d = buffer.getLong(at + 24);
  }

  boolean isAt(ByteBuf buffer, int at) {
    return buffer.getLong(at) == a
        && buffer.getLong(at + 8) == b
        && buffer.getLong(at + 16) == c
        && buffer.getLong(at + 24) == d;
  }

  IdKey copy() {
    IdKey key = new IdKey();
    key.a = a;
    key.b = b;
    key.c = c;
    key.d = d;
    return key;
  }

  byte[] toBytes() {
    return ByteBuffer.allocate(32).putLong(a).putLong(b).putLong(c).putLong(d).array();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof IdKey k && k.a == a && k.b == b && k.c == c && k.d == d;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(a ^ Long.rotateLeft(b, 17) ^ Long.rotateLeft(c, 31) ^ d);
  }

  /** So that ids chosen to have one hash make a tree of their bin and not a list. */
  @Override
  public int compareTo(IdKey k) {
    int order = Long.compare(a, k.a);
    order = order != 0 ? order : Long.compare(b, k.b);
    order = order != 0 ? order : Long.compare(c, k.c);
    return order != 0 ? order : Long.compare(d, k.d);
  }
}
