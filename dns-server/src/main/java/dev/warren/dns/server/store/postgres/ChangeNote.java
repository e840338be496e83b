package dev.warren.dns.server.store.postgres;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What one replica tells the others: {@code sender key key …}, each key 43 characters of base64.
 *
 * @param sender a text without spaces, other than that of every other replica
 */
record ChangeNote(String sender, List<byte[]> keys) {
  /** The text of a notification. */
  String text() {
    StringBuilder text = new StringBuilder(sender);
    for (byte[] key : keys) {
      text.append(' ').append(Base64.getEncoder().withoutPadding().encodeToString(key));
    }
    return text.toString();
  }

  /**
   * @throws IllegalArgumentException if {@code text} is none
   */
  static ChangeNote parse(String text) {
    String[] words = text.split(" ");
    List<byte[]> keys = new ArrayList<>(words.length);
    for (int i = 1; i < words.length; i++) {
      byte[] key = Base64.getDecoder().decode(words[i]);
      if (key.length != NodeId.LENGTH) {
        throw new IllegalArgumentException("a key of " + key.length + " bytes");
      }
      keys.add(key);
    }
    return new ChangeNote(words[0], keys);
  }

  static NodeId id(byte[] key) throws SQLException {
    try {
      return NodeId.ofBytes(key);
    } catch (KeyParseException e) {
      throw new SQLException("the database holds a key that is none: " + e.getMessage(), e);
    }
  }
}
