package dev.warren.dns.server.store.file;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/** Which store a file belongs to: random, so that files of two are not mixed. */
record StoreId(byte[] bytes) {
  static final int LENGTH = 16;

  static StoreId random() {
    byte[] bytes = new byte[LENGTH];
    new SecureRandom().nextBytes(bytes);
    return new StoreId(bytes);
  }

  static StoreId parse(String hex) {
    return new StoreId(HexFormat.of().parseHex(hex));
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof StoreId other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
