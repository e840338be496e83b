package dev.warren.discovery.dht.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * A bencoded value (BEP 3). There is one encoding of each value: what {@link #parse} takes, {@link
 * #encode} gives back byte for byte, which signatures over values rely on. Keys of dictionaries are
 * bytes; here each char is one of them (ISO 8859-1), so that the order of strings is theirs.
 */
public sealed interface Bencode {
  /**
   * Bytes of a whole value: more than any datagram of the DHT that we send or take, {@link
   * KrpcMessage#MAX}.
   */
  int MAX_SIZE = 4096;

  /** Values inside values: a message has 3, and an item may bring some of its own. */
  int MAX_DEPTH = 16;

  /** A byte string; not copied, not to be changed. */
  record Text(byte[] bytes) implements Bencode {}

  /** A number of 64 bits, as sequence numbers are (BEP 44). */
  record Int(long value) implements Bencode {}

  /** A list. */
  record Items(List<Bencode> values) implements Bencode {}

  /** A value that is encoded already, never the result of parsing; not copied. */
  record Encoded(byte[] bytes) implements Bencode {}

  /** A dictionary. */
  record Dict(SortedMap<String, Bencode> entries) implements Bencode {}

  /**
   * The one value that fills {@code in}.
   *
   * @throws DhtFormatException if it is none, is larger or deeper than the limits, or not written
   *     the one way: keys in order and once, numbers without leading zeros, nothing behind it
   */
  static Bencode parse(byte[] in) throws DhtFormatException {
    return new BencodeReader(in).whole();
  }

  /** A string of ASCII. */
  static Text text(String ascii) {
    return new Text(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The encoding. */
  default byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(this, out);
    return out.toByteArray();
  }

  private static void write(Bencode value, ByteArrayOutputStream out) {
    if (value instanceof Text text) {
      ascii(Integer.toString(text.bytes.length), out);
      out.write(':');
      out.writeBytes(text.bytes);
    } else if (value instanceof Encoded encoded) {
      out.writeBytes(encoded.bytes);
    } else if (value instanceof Int number) {
      out.write('i');
      ascii(Long.toString(number.value), out);
      out.write('e');
    } else if (value instanceof Items list) {
      out.write('l');
      list.values.forEach(v -> write(v, out));
      out.write('e');
    } else if (value instanceof Dict dict) {
      out.write('d');
      for (Map.Entry<String, Bencode> entry : dict.entries.entrySet()) {
        write(text(entry.getKey()), out);
        write(entry.getValue(), out);
      }
      out.write('e');
    }
  }

  private static void ascii(String text, ByteArrayOutputStream out) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }
}
