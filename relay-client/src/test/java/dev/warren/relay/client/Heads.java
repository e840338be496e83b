package dev.warren.relay.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** HTTP heads as a server or a proxy reads them. */
final class Heads {
  private Heads() {}

  /** Up to and including the empty line, and no byte more. */
  static String read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("the head ended after: " + head);
      }
      head.append((char) b);
    }
    return head.toString();
  }
}
