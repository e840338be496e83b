package dev.warren.discovery.local.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.EndpointData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * Reads messages of local discovery, whoever sent them (discovery section 7.4): what cannot be read
 * or is not about iroh's services is no message, and nothing is thrown. Stateless.
 */
public final class MessageReader {
  /** RFC 6762 section 17: no message of multicast DNS is longer. */
  public static final int MAX_LENGTH = 9000;

  /** Nodes of one message; iroh sends its own alone, and each costs a point decompression. */
  static final int MAX_NODES = 8;

  /** Addresses of a node; a host with dozens of interfaces has fewer. */
  static final int MAX_ADDRESSES = 64;

  /** In each message that concerns us, whatever is compressed; looked for before it is parsed. */
  private static final byte[][] LABELS = {
    "\5_iroh".getBytes(US_ASCII), "\7_irohv1".getBytes(US_ASCII)
  };

  private MessageReader() {}

  /** The message, or nothing. */
  public static Optional<LocalMessage> read(byte[] bytes) {
    if (bytes.length > MAX_LENGTH || !concernsUs(bytes)) {
      return Optional.empty();
    }
    Message message;
    try {
      message = new Message(bytes);
    } catch (IOException | RuntimeException e) {
      // The library throws several kinds for what is malformed.
      return Optional.empty();
    }
    LocalMessage.Query query = query(message);
    if (!query.generations().isEmpty() || !query.wanted().isEmpty()) {
      return Optional.of(query);
    }
    return new Reading(message).response();
  }

  private static boolean concernsUs(byte[] bytes) {
    for (int i = 12; i < bytes.length; i++) {
      for (byte[] label : LABELS) {
        if (bytes[i] == label[0] && isAt(bytes, i, label)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isAt(byte[] bytes, int at, byte[] label) {
    if (at + label.length > bytes.length) {
      return false;
    }
    for (int i = 1; i < label.length; i++) {
      byte b = bytes[at + i];
      if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != label[i]) {
        return false;
      }
    }
    return true;
  }

  private static LocalMessage.Query query(Message message) {
    Set<Generation> generations = EnumSet.noneOf(Generation.class);
    Set<NodeId> wanted = new LinkedHashSet<>();
    for (Record question : message.getSection(Section.QUESTION)) {
      if (question.getDClass() != DClass.IN) {
        continue;
      }
      if (question.getType() == Type.PTR) {
        for (Generation generation : Generation.values()) {
          if (question.getName().equals(generation.service())) {
            generations.add(generation);
          }
        }
      } else if (question.getType() == Type.SRV && wanted.size() < MessageWriter.MAX_WANTED) {
        NodeNames.nodeOf(question.getName(), Generation.IROH_1).ifPresent(wanted::add);
      }
    }
    return new LocalMessage.Query(message.getHeader().getID(), generations, wanted);
  }

  /** Who speaks: one name may be in both services. */
  private record Speaker(Generation generation, NodeId id) {}

  /** The port of a speaker that a host name stands for. */
  private record Service(Speaker speaker, int port) {}

  /** One response while it is read. */
  private static final class Reading {
    private final Map<Name, List<Service>> targets = new HashMap<>();
    private final Map<Speaker, Map<String, String>> attributes = new LinkedHashMap<>();
    private final Map<Speaker, TreeSet<InetSocketAddress>> addresses = new LinkedHashMap<>();
    private final Set<NodeId> goodbyes = new LinkedHashSet<>();

    Reading(Message message) {
      for (Record answer : message.getSection(Section.ANSWER)) {
        if (answer.getDClass() == DClass.IN) {
          read(answer);
        }
      }
      for (Record additional : message.getSection(Section.ADDITIONAL)) {
        if (additional.getDClass() == DClass.IN) {
          readAddress(additional);
        }
      }
    }

    private void read(Record answer) {
      if (answer instanceof PTRRecord pointer) {
        if (pointer.getTTL() == 0
            && pointer.getName().equals(Generation.IROH_1.service())
            && goodbyes.size() < MAX_NODES) {
          NodeNames.nodeOf(pointer.getTarget(), Generation.IROH_1).ifPresent(goodbyes::add);
        }
      } else if (answer instanceof SRVRecord || answer instanceof TXTRecord) {
        for (Generation generation : Generation.values()) {
          NodeNames.nodeOf(answer.getName(), generation)
              .map(id -> new Speaker(generation, id))
              .filter(s -> attributes.containsKey(s) || attributes.size() < MAX_NODES)
              .ifPresent(speaker -> read(speaker, answer));
        }
      }
    }

    private void read(Speaker speaker, Record answer) {
      Map<String, String> values = attributes.computeIfAbsent(speaker, s -> new HashMap<>());
      if (answer instanceof SRVRecord service) {
        List<Service> services =
            targets.computeIfAbsent(service.getTarget(), t -> new ArrayList<>());
        if (services.size() < MAX_NODES) {
          services.add(new Service(speaker, service.getPort()));
        }
      } else if (answer instanceof TXTRecord text) {
        for (byte[] string : text.getStringsAsByteArrays()) {
          attribute(string, values);
        }
      }
    }

    private static void attribute(byte[] string, Map<String, String> values) {
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(string)).toString();
      } catch (CharacterCodingException e) {
        return;
      }
      int equals = text.indexOf('=');
      if (equals > 0) {
        values.putIfAbsent(text.substring(0, equals), text.substring(equals + 1));
      }
    }

    private void readAddress(Record record) {
      Name name = record.getName();
      InetAddress ip =
          record instanceof ARecord a
              ? a.getAddress()
              : record instanceof AAAARecord aaaa ? aaaa.getAddress() : null;
      if (ip == null || name.labels() != 3 || !name.subdomain(NodeNames.LOCAL)) {
        return;
      }
      for (Service service : targets.getOrDefault(name, List.of())) {
        TreeSet<InetSocketAddress> known =
            addresses.computeIfAbsent(service.speaker(), s -> new TreeSet<>(SocketAddrs.ORDER));
        if (known.size() < MAX_ADDRESSES) {
          known.add(new InetSocketAddress(ip, service.port()));
        }
      }
    }

    Optional<LocalMessage> response() {
      List<LocalMessage.Said> said = new ArrayList<>();
      addresses.forEach(
          (speaker, known) -> {
            Map<String, String> values = attributes.getOrDefault(speaker, Map.of());
            said.add(
                new LocalMessage.Said(
                    speaker.generation(),
                    new Announcement(
                        speaker.id(),
                        List.copyOf(known),
                        relay(values.get("relay")),
                        userData(values.get("user-data")))));
            goodbyes.remove(speaker.id());
          });
      return said.isEmpty() && goodbyes.isEmpty()
          ? Optional.empty()
          : Optional.of(new LocalMessage.Response(said, goodbyes));
    }

    private static Optional<RelayUrl> relay(@Nullable String text) {
      try {
        return text == null ? Optional.empty() : Optional.of(RelayUrl.parse(text));
      } catch (RelayUrlParseException e) {
        return Optional.empty();
      }
    }

    private static Optional<String> userData(@Nullable String text) {
      return Optional.ofNullable(text)
          .filter(t -> t.getBytes(StandardCharsets.UTF_8).length <= EndpointData.MAX_USER_DATA);
    }
  }
}
