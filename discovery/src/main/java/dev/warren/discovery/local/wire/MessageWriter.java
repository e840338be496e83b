package dev.warren.discovery.local.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.NodeId;
import dev.warren.base.SocketAddrs;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** Writes messages of local discovery. Stateless. */
public final class MessageWriter {
  /** The receive buffer of iroh, which drops what is longer (discovery section 7.3). */
  public static final int MAX_LENGTH = 1472;

  /** Questions for single nodes in one query; each takes 58 to 70 bytes. */
  static final int MAX_WANTED = 16;

  /** More never fit: one takes at least the 16 bytes of an A record. */
  private static final int MOST_ADDRESSES = MAX_LENGTH / 16;

  /** Longer relay URLs are left out, as in iroh: key, equals sign and value fill one string. */
  private static final int MAX_RELAY = 249;

  private MessageWriter() {}

  /** What does not fit is left out: addresses from the last, wanted nodes beyond sixteen. */
  public static byte[] write(LocalMessage message) {
    return message instanceof LocalMessage.Query query
        ? query(query).toWire()
        : response((LocalMessage.Response) message);
  }

  private static Message query(LocalMessage.Query query) {
    Message message = new Message(query.tag());
    for (Generation generation : Generation.values()) {
      if (query.generations().contains(generation)) {
        question(message, generation.service(), Type.PTR);
      }
    }
    query.wanted().stream()
        .limit(MAX_WANTED)
        .forEach(id -> question(message, NodeNames.instance(id, Generation.IROH_1), Type.SRV));
    return message;
  }

  private static void question(Message message, Name name, int type) {
    message.addRecord(Record.newRecord(name, type, DClass.IN), Section.QUESTION);
  }

  private static byte[] response(LocalMessage.Response response) {
    int addresses = MOST_ADDRESSES;
    while (true) {
      Message message = new Message(0);
      message.getHeader().setFlag(Flags.QR);
      message.getHeader().setFlag(Flags.AA);
      int most = 0;
      for (LocalMessage.Said said : response.said()) {
        most = Math.max(most, Math.min(addresses, said.announcement().addresses().size()));
        announce(message, said.generation(), said.announcement(), addresses);
      }
      response.goodbyes().forEach(id -> goodbye(message, id));
      byte[] bytes = message.toWire();
      if (bytes.length <= MAX_LENGTH || most == 0) {
        return bytes;
      }
      addresses = most - 1;
    }
  }

  private static void announce(
      Message message, Generation generation, Announcement announcement, int most) {
    NodeId id = announcement.id();
    Name instance = NodeNames.instance(id, generation);
    long ttl = generation.ttlSeconds();
    if (generation.pointers()) {
      message.addRecord(
          new PTRRecord(generation.service(), DClass.IN, ttl, instance), Section.ANSWER);
    }
    SortedMap<Integer, List<InetAddress>> ports = new TreeMap<>();
    announcement.addresses().stream()
        .limit(most)
        .sorted(SocketAddrs.ORDER)
        .forEach(
            a -> ports.computeIfAbsent(a.getPort(), p -> new ArrayList<>()).add(a.getAddress()));
    for (int port : ports.keySet()) {
      message.addRecord(
          new SRVRecord(instance, DClass.IN, ttl, 0, 0, port, NodeNames.target(id, port)),
          Section.ANSWER);
    }
    List<String> attributes = attributes(generation, announcement);
    if (!attributes.isEmpty()) {
      message.addRecord(new TXTRecord(instance, DClass.IN, ttl, attributes), Section.ANSWER);
    }
    ports.forEach(
        (port, ips) -> {
          Name target = NodeNames.target(id, port);
          ips.forEach(ip -> message.addRecord(address(target, ttl, ip), Section.ADDITIONAL));
        });
  }

  private static Record address(Name name, long ttl, InetAddress ip) {
    return ip instanceof Inet4Address
        ? new ARecord(name, DClass.IN, ttl, ip)
        : new AAAARecord(name, DClass.IN, ttl, ip);
  }

  private static List<String> attributes(Generation generation, Announcement announcement) {
    List<String> attributes = new ArrayList<>();
    if (generation.relays()) {
      announcement
          .relay()
          .map(Object::toString)
          .filter(url -> url.getBytes(UTF_8).length <= MAX_RELAY)
          .ifPresent(url -> attributes.add(escaped("relay=" + url)));
    }
    announcement.userData().ifPresent(data -> attributes.add(escaped("user-data=" + data)));
    return attributes;
  }

  /** The library reads the text as a zone file's, where a backslash means something. */
  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : text.getBytes(UTF_8)) {
      if (b >= ' ' && b <= '~' && b != '\\' && b != '"') {
        escaped.append((char) b);
      } else {
        escaped.append(String.format("\\%03d", b & 0xff));
      }
    }
    return escaped.toString();
  }

  private static void goodbye(Message message, NodeId id) {
    message.addRecord(
        new PTRRecord(
            Generation.IROH_1.service(), DClass.IN, 0, NodeNames.instance(id, Generation.IROH_1)),
        Section.ANSWER);
  }
}
