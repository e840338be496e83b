package dev.warren.dns.server.store.file;

import java.util.zip.CRC32C;

/** Tells two sets of entries apart whatever their order; not against an attacker. */
final class Digest {
  private final CRC32C crc = new CRC32C();
  private long sum;
  long count;

  void add(byte[] entry) {
    crc.reset();
    crc.update(entry);
    long value = crc.getValue();
    // Mixed, so that sums of similar checksums differ.
    sum += value * value + value * 0x9e3779b97f4a7c15L;
    count++;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Digest other && sum == other.sum && count == other.count;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(sum);
  }
}
