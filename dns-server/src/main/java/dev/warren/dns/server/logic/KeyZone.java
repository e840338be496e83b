package dev.warren.dns.server.logic;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.RecordType;
import dev.warren.dns.server.wire.WireName;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * What the packet of one key says, encoded so that an answer is a copy of bytes (dns-server section
 * 6.3). Immutable.
 *
 * <p>One array: for each set of records its name below the key (length and bytes, in lower case,
 * without the root), its type, how many records, and how many bytes these have. Most packets have
 * one or two sets, so they are looked through.
 */
public final class KeyZone {
  /** A key of which there is no packet. */
  public static final KeyZone ABSENT = new KeyZone(new byte[0], false);

  /** A pointer to the name in the question, which every record of an answer belongs to. */
  private static final int OWNER = 0xc00c;

  /** Of objects and map entries, beside the bytes: measured for a cache of 100,000 zones. */
  private static final int OVERHEAD = 160;

  private final byte[] sets;
  private final boolean present;

  private KeyZone(byte[] sets, boolean present) {
    this.sets = sets;
    this.present = present;
  }

  /**
   * The zone of a packet: the records of its answer section below the key's own name, but SOA and
   * NS, which are the server's to say.
   */
  public static KeyZone of(SignedPacket packet) {
    Name apex = apex(packet.nodeId());
    Map<SetKey, List<Record>> sets = new LinkedHashMap<>();
    for (Record record : packet.message().getSection(Section.ANSWER)) {
      if (record.getDClass() == DClass.IN
          && record.getType() != RecordType.SOA
          && record.getType() != RecordType.NS
          && record.getName().subdomain(apex)) {
        SetKey key = new SetKey(record.getName().canonicalize(), record.getType());
        add(sets.computeIfAbsent(key, k -> new ArrayList<>()), record);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    sets.forEach((key, records) -> encode(out, key, apex, records));
    return new KeyZone(out.toByteArray(), true);
  }

  private record SetKey(Name name, int type) {}

  private static Name apex(NodeId id) {
    return Name.fromConstantString(id.toZ32() + ".");
  }

  /** The same data again only changes the TTL; of CNAME there is one. */
  private static void add(List<Record> set, Record record) {
    if (record.getType() == RecordType.CNAME) {
      set.clear();
    }
    for (int i = 0; i < set.size(); i++) {
      // Compares type, name and data, not the TTL.
      if (set.get(i).equals(record)) {
        set.set(i, record);
        return;
      }
    }
    set.add(record);
  }

  private static void encode(
      ByteArrayOutputStream out, SetKey key, Name apex, List<Record> records) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Record record : records) {
      byte[] wire = record.toWire(Section.ANSWER);
      int name = record.getName().length();
      writeShort(body, OWNER);
      body.write(wire, name, wire.length - name);
    }
    byte[] name = WireName.lower(key.name().toWire());
    int below = name.length - apex.length();
    out.write(below);
    out.write(name, 0, below);
    writeShort(out, key.type());
    writeShort(out, records.size());
    writeShort(out, body.size());
    out.write(body.toByteArray(), 0, body.size());
  }

  private static void writeShort(ByteArrayOutputStream out, int value) {
    out.write(value >> 8);
    out.write(value);
  }

  /** Whether there is a packet of that key at all. */
  public boolean isPresent() {
    return present;
  }

  /** What it takes in memory, about. */
  public int weight() {
    return sets.length + OVERHEAD;
  }

  /**
   * The records of a name, or the CNAME record that stands for all of its types; null if there are
   * none. Nothing that a CNAME leads to is followed: resolvers do, and loops are theirs to count.
   *
   * @param name in lower case; its first {@code length} bytes are the labels before the key
   */
  public @Nullable Answer find(byte[] name, int length, int type) {
    Answer alias = null;
    for (int at = 0; at < sets.length; ) {
      int fixed = at + 1 + length(at);
      if (length(at) == length && matches(name, length, at + 1)) {
        int found = unsignedShort(fixed);
        if (found == type) {
          return answer(fixed);
        }
        if (found == RecordType.CNAME) {
          alias = answer(fixed);
        }
      }
      at = next(fixed);
    }
    return alias;
  }

  /**
   * Whether a name is there, with any type, or has names below it: then it is not right to say that
   * it does not exist (RFC 8020). The key's own name exists as soon as there is a packet.
   */
  public boolean exists(byte[] name, int length) {
    if (length == 0) {
      return present;
    }
    for (int at = 0; at < sets.length; at = next(at + 1 + length(at))) {
      int below = length(at) - length;
      if (below >= 0 && matches(name, length, at + 1 + below) && isBoundary(at + 1, below)) {
        return true;
      }
    }
    return false;
  }

  private boolean isBoundary(int start, int below) {
    int at = 0;
    while (at < below) {
      at += (sets[start + at] & 0xff) + 1;
    }
    return at == below;
  }

  private int length(int at) {
    return sets[at] & 0xff;
  }

  private boolean matches(byte[] name, int length, int at) {
    for (int i = 0; i < length; i++) {
      if (sets[at + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  private Answer answer(int fixed) {
    byte[] records = new byte[unsignedShort(fixed + 4)];
    System.arraycopy(sets, fixed + 6, records, 0, records.length);
    return Answer.of(unsignedShort(fixed + 2), records);
  }

  private int next(int fixed) {
    return fixed + 6 + unsignedShort(fixed + 4);
  }

  private int unsignedShort(int at) {
    return (sets[at] & 0xff) << 8 | sets[at + 1] & 0xff;
  }
}
