package dev.warren.discovery.wire;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TicketParseException;
import dev.warren.base.TransportAddr;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * What a node says of itself in DNS and in signed packets: the TXT records of {@code _iroh.<z32
 * id>}, each one string {@code key=value} (discovery section 3). Read and written are relays,
 * addresses and the user data of iroh 0.35 and 1.x alike; what others add under unknown keys is
 * skipped.
 *
 * <p>Nothing that is read has been judged: {@link WorldAddresses} does that. Immutable.
 */
public final class TxtRecords {
  /** The first label of the records' owner. */
  public static final String LABEL = "_iroh";

  /** How long others may remember the records, as iroh writes it (discovery section 3.4). */
  public static final Duration DEFAULT_TTL = Duration.ofSeconds(30);

  /** Most bytes of the user data (discovery section 1): with its key it is one TXT string. */
  public static final int MAX_USER_DATA = 245;

  /**
   * Most addresses that are read. A signed packet has room for 36 of the shortest; only a zone that
   * somebody wrote by hand could hold more.
   */
  public static final int MAX_ADDRS = 64;

  /** Bytes of one TXT string. */
  private static final int MAX_STRING = 255;

  private static final String RELAY = "relay";
  private static final String ADDR = "addr";
  private static final String USER_DATA = "user-data";

  private final List<TransportAddr> addrs;
  private final @Nullable String userData;
  private final int skipped;

  private TxtRecords(List<TransportAddr> addrs, @Nullable String userData, int skipped) {
    this.addrs = List.copyOf(new LinkedHashSet<>(addrs));
    this.userData = userData;
    this.skipped = skipped;
  }

  /**
   * @param addrs the most important first; duplicates are dropped
   * @param userData at most {@link #MAX_USER_DATA} bytes of UTF-8, or null
   * @throws IllegalArgumentException if the user data is longer
   */
  public static TxtRecords of(List<TransportAddr> addrs, @Nullable String userData) {
    if (userData != null && utf8(userData).length > MAX_USER_DATA) {
      throw new IllegalArgumentException(
          "user data of " + utf8(userData).length + " bytes; at most " + MAX_USER_DATA + " fit");
    }
    return new TxtRecords(addrs, userData, 0);
  }

  /**
   * The owner's name under {@code origin}, which is made absolute: {@code _iroh.<z32>.<origin>}.
   */
  public static Name owner(NodeId id, Name origin) {
    try {
      Name absolute = origin.isAbsolute() ? origin : Name.concatenate(origin, Name.root);
      return Name.concatenate(Name.fromConstantString(LABEL + "." + id.toZ32()), absolute);
    } catch (NameTooLongException e) {
      throw new IllegalArgumentException("the origin is too long: " + origin, e);
    }
  }

  /** The owner's name inside a signed packet, where the key is the last label. */
  public static Name packetOwner(NodeId id) {
    return owner(id, Name.root);
  }

  /** Reads the records of the packet's own key. */
  public static TxtRecords read(SignedPacket packet) {
    Name owner = packetOwner(packet.nodeId());
    List<Record> own = new ArrayList<>();
    for (Record record : packet.message().getSection(Section.ANSWER)) {
      if (record.getName().equals(owner)) {
        own.add(record);
      }
    }
    return read(own);
  }

  /**
   * Reads the TXT records among {@code records}; the caller has chosen those of the right owner. At
   * most {@link #MAX_ADDRS} addresses are kept.
   */
  public static TxtRecords read(List<Record> records) {
    Reader reader = new Reader();
    for (Record record : records) {
      if (record instanceof TXTRecord txt) {
        reader.accept(joined(txt));
      }
    }
    return reader.result();
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

  /** Collects the values of one record set. */
  private static final class Reader {
    private final List<TransportAddr> addrs = new ArrayList<>();
    private @Nullable String userData;
    private int skipped;

    /** Split at the first '=' although iroh cuts at a second one (discovery Q3). */
    void accept(String string) {
      int equals = string.indexOf('=');
      String key = equals < 0 ? "" : string.substring(0, equals);
      String value = string.substring(equals + 1);
      boolean known =
          switch (key) {
            case RELAY -> relay(value);
            case ADDR -> addr(value);
            case USER_DATA -> userData(value);
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
      return addrs.size() < MAX_ADDRS && addrs.add(addr);
    }

    private boolean userData(String value) {
      if (userData != null || utf8(value).length > MAX_USER_DATA) {
        return false;
      }
      userData = value;
      return true;
    }

    TxtRecords result() {
      return new TxtRecords(addrs, userData, skipped);
    }
  }

  /** Relays, IP addresses and custom ones, the most important first. */
  public List<TransportAddr> addrs() {
    return addrs;
  }

  /** The relays among {@link #addrs()}; iroh 0.35 reads the first. */
  public List<RelayUrl> relays() {
    List<RelayUrl> relays = new ArrayList<>();
    for (TransportAddr addr : addrs) {
      if (addr instanceof TransportAddr.Relay relay) {
        relays.add(relay.url());
      }
    }
    return relays;
  }

  /** The IP addresses among {@link #addrs()}. */
  public List<InetSocketAddress> ips() {
    List<InetSocketAddress> ips = new ArrayList<>();
    for (TransportAddr addr : addrs) {
      if (addr instanceof TransportAddr.Ip ip) {
        ips.add(ip.address());
      }
    }
    return ips;
  }

  /** What the application says of this node. */
  public Optional<String> userData() {
    return Optional.ofNullable(userData);
  }

  /** Strings that were read and not understood, or one too many. */
  public int skipped() {
    return skipped;
  }

  /** Whether there is neither an address nor user data. */
  public boolean isEmpty() {
    return addrs.isEmpty() && userData == null;
  }

  /**
   * The strings in the order in which they are written: relays, addresses, user data. What is too
   * long for one string is left out.
   */
  public List<String> strings() {
    List<String> strings = new ArrayList<>();
    for (RelayUrl relay : relays()) {
      strings.add(RELAY + "=" + relay);
    }
    for (TransportAddr addr : addrs) {
      if (!(addr instanceof TransportAddr.Relay)) {
        strings.add(ADDR + "=" + addr);
      }
    }
    if (userData != null) {
      strings.add(USER_DATA + "=" + userData);
    }
    strings.removeIf(string -> utf8(string).length > MAX_STRING);
    return strings;
  }

  /**
   * Those of {@link #strings()} whose value holds a '=': iroh reads them up to there only
   * (discovery Q3).
   */
  public List<String> cutByOthers() {
    return strings().stream().filter(s -> s.indexOf('=') != s.lastIndexOf('=')).toList();
  }

  /**
   * The records under {@code owner}.
   *
   * @param ttl whole seconds
   */
  public List<Record> toRecords(Name owner, Duration ttl) {
    List<Record> records = new ArrayList<>();
    for (String string : strings()) {
      records.add(txt(owner, ttl, utf8(string)));
    }
    return records;
  }

  /** From bytes: the constructor of {@link TXTRecord} takes a backslash for an escape. */
  private static Record txt(Name owner, Duration ttl, byte[] string) {
    byte[] data = new byte[1 + string.length];
    data[0] = (byte) string.length;
    System.arraycopy(string, 0, data, 1, string.length);
    return Record.newRecord(owner, Type.TXT, DClass.IN, ttl.toSeconds(), data);
  }

  /**
   * The DNS message of a signed packet of {@code id}, of at most {@link SignedPacket#MAX_DNS}
   * bytes: as long as it is longer, the least important address is left out, relays after all
   * others.
   */
  public byte[] toMessage(NodeId id, Duration ttl) {
    TxtRecords fitting = this;
    byte[] message = fitting.encode(id, ttl);
    while (message.length > SignedPacket.MAX_DNS) {
      fitting = fitting.withoutLast();
      message = fitting.encode(id, ttl);
    }
    return message;
  }

  /** Signs {@link #toMessage}. */
  public SignedPacket sign(SecretKey key, Duration ttl, long timestamp) {
    return SignedPacket.sign(key, toMessage(key.nodeId(), ttl), timestamp);
  }

  private byte[] encode(NodeId id, Duration ttl) {
    Message message = new Message(0);
    message.getHeader().setFlag(Flags.QR);
    for (Record record : toRecords(packetOwner(id), ttl)) {
      message.addRecord(record, Section.ANSWER);
    }
    return message.toWire();
  }

  /** The user data alone always fits, so there is an address to leave out. */
  private TxtRecords withoutLast() {
    int last = addrs.size() - 1;
    for (int i = last; i >= 0; i--) {
      if (!(addrs.get(i) instanceof TransportAddr.Relay)) {
        last = i;
        break;
      }
    }
    List<TransportAddr> fewer = new ArrayList<>(addrs);
    fewer.remove(last);
    return new TxtRecords(fewer, userData, skipped);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof TxtRecords other
        && addrs.equals(other.addrs)
        && userData().equals(other.userData());
  }

  @Override
  public int hashCode() {
    return addrs.hashCode();
  }

  @Override
  public String toString() {
    return "TxtRecords" + strings();
  }
}
