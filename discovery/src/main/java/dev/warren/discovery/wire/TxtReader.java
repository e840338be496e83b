package dev.warren.discovery.wire;

import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TicketParseException;
import dev.warren.base.TransportAddr;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.TXTRecord;

/** Reads the values of one record set. Not thread-safe. */
final class TxtReader {
  private final List<TransportAddr> addrs = new ArrayList<>();
  private @Nullable String userData;
  private int skipped;

  void accept(TXTRecord txt) {
    accept(joined(txt));
  }

  /**
   * The bytes as they are: {@code getStrings} would give the escaped form of zone files. A long
   * value may have been split into several strings by a name server.
   */
  private static String joined(TXTRecord txt) {
    List<byte[]> strings = txt.getStringsAsByteArrays();
    byte[] all = new byte[strings.stream().mapToInt(s -> s.length).sum()];
    int at = 0;
    for (byte[] string : strings) {
      System.arraycopy(string, 0, all, at, string.length);
      at += string.length;
    }
    return new String(all, StandardCharsets.UTF_8);
  }

  /** Split at the first '=' although iroh cuts at a second one (discovery Q3). */
  private void accept(String string) {
    int equals = string.indexOf('=');
    String key = equals < 0 ? "" : string.substring(0, equals);
    String value = string.substring(equals + 1);
    boolean known =
        switch (key) {
          case TxtRecords.RELAY -> relay(value);
          case TxtRecords.ADDR -> addr(value);
          case TxtRecords.USER_DATA -> userData(value);
          // iroh 1.x refuses the whole set for one such string (discovery Q2).
          default -> false;
        };
    if (!known) {
      skipped++;
    }
  }

  private boolean relay(String value) {
    try {
      return add(new TransportAddr.Relay(RelayUrl.parse(value)));
    } catch (RelayUrlParseException e) {
      return false;
    }
  }

  private boolean addr(String value) {
    try {
      return add(new TransportAddr.Ip(SocketAddrs.parse(value)));
    } catch (IllegalArgumentException notIp) {
      try {
        return add(TransportAddr.Custom.parse(value));
      } catch (TicketParseException e) {
        return false;
      }
    }
  }

  private boolean add(TransportAddr addr) {
    return addrs.size() < TxtRecords.MAX_ADDRS && addrs.add(addr);
  }

  private boolean userData(String value) {
    if (userData != null || TxtRecords.utf8(value).length > TxtRecords.MAX_USER_DATA) {
      return false;
    }
    userData = value;
    return true;
  }

  TxtRecords result() {
    return new TxtRecords(addrs, userData, skipped);
  }
}
