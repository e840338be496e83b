package dev.warren.discovery.dht.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** Reads one bencoded value; takes only the one way to write it. */
final class BencodeReader {
  private final byte[] in;
  private int at;

  BencodeReader(byte[] in) {
    this.in = in;
  }

  Bencode whole() throws DhtFormatException {
    if (in.length > Bencode.MAX_SIZE) {
      throw new DhtFormatException(in.length + " bytes are too many");
    }
    Bencode value = value(1);
    if (at < in.length) {
      throw new DhtFormatException(in.length - at + " bytes lie behind the value");
    }
    return value;
  }

  private Bencode value(int depth) throws DhtFormatException {
    if (depth > Bencode.MAX_DEPTH) {
      throw new DhtFormatException("more than " + Bencode.MAX_DEPTH + " values in each other");
    }
    switch (peek()) {
      case 'i':
        at++;
        return new Bencode.Int(number());
      case 'l':
        at++;
        return items(depth);
      case 'd':
        at++;
        return dict(depth);
      default:
        return new Bencode.Text(text());
    }
  }

  private Bencode items(int depth) throws DhtFormatException {
    List<Bencode> values = new ArrayList<>();
    while (peek() != 'e') {
      values.add(value(depth + 1));
    }
    at++;
    return new Bencode.Items(values);
  }

  private Bencode dict(int depth) throws DhtFormatException {
    TreeMap<String, Bencode> entries = new TreeMap<>();
    while (peek() != 'e') {
      String key = new String(text(), StandardCharsets.ISO_8859_1);
      if (!entries.isEmpty() && entries.lastKey().compareTo(key) >= 0) {
        throw new DhtFormatException("a key is out of order or there twice");
      }
      entries.put(key, value(depth + 1));
    }
    at++;
    return new Bencode.Dict(entries);
  }

  private long number() throws DhtFormatException {
    String digits = until('e', 20);
    try {
      long value = Long.parseLong(digits);
      // Refuses +1, -0, 01, and digits that are not ASCII's.
      if (Long.toString(value).equals(digits)) {
        return value;
      }
    } catch (NumberFormatException notOne) {
      // Falls through to the one message.
    }
    throw new DhtFormatException("a number is malformed");
  }

  private byte[] text() throws DhtFormatException {
    String digits = until(':', 4);
    int length = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new DhtFormatException("neither a value nor the length of a string");
      }
      length = 10 * length + digit;
    }
    if (digits.isEmpty() || digits.length() > 1 && digits.charAt(0) == '0') {
      throw new DhtFormatException("the length of a string is malformed");
    }
    if (length > in.length - at) {
      throw new DhtFormatException("a string ends early");
    }
    at += length;
    return Arrays.copyOfRange(in, at - length, at);
  }

  /** What is before {@code end}, at most {@code most} bytes; goes behind it. */
  private String until(char end, int most) throws DhtFormatException {
    int start = at;
    while (peek() != end) {
      if (++at - start > most) {
        throw new DhtFormatException("no " + end + " where one must be");
      }
    }
    return new String(in, start, at++ - start, StandardCharsets.ISO_8859_1);
  }

  private byte peek() throws DhtFormatException {
    if (at >= in.length) {
      throw new DhtFormatException("it ends early");
    }
    return in[at];
  }
}
