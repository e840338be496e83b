package dev.warren.dns.server.logic;

import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.Query;
import dev.warren.dns.server.wire.Rcode;
import dev.warren.dns.server.wire.RecordType;
import dev.warren.dns.server.wire.WireName;
import dev.warren.dns.server.zone.Origins;
import dev.warren.dns.server.zone.Soa;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.xbill.DNS.Name;

/** One origin with the records of its own name, encoded. Immutable. */
final class Origin {
  /** Lifetimes of iroh-dns-server's own records in seconds (dns-server section 6.2). */
  private static final long SOA_TTL = 1_209_600;

  private static final long ADDRESS_TTL = 3_600;
  private static final long NS_TTL = 43_200;

  private static final int POINTER = 0xc000;

  /** Everything of a record behind its owner: type, class, TTL, length, data. */
  private final Map<Integer, byte[]> records = new LinkedHashMap<>();

  private final byte[] negative;
  private final byte[] name;

  Origin(Name name, Origins origins) {
    this.name = WireName.lower(name.toWire());
    byte[] soa = data(origins.soa());
    records.put(RecordType.SOA, record(RecordType.SOA, SOA_TTL, soa));
    origins
        .a()
        .ifPresent(
            a -> records.put(RecordType.A, record(RecordType.A, ADDRESS_TTL, a.getAddress())));
    origins
        .aaaa()
        .ifPresent(
            a ->
                records.put(RecordType.AAAA, record(RecordType.AAAA, ADDRESS_TTL, a.getAddress())));
    origins
        .ns()
        .ifPresent(ns -> records.put(RecordType.NS, record(RecordType.NS, NS_TTL, ns.toWire())));
    negative = record(RecordType.SOA, Math.min(SOA_TTL, origins.soa().minimum()), soa);
  }

  private static byte[] data(Soa soa) {
    return write(
        out -> {
          out.write(soa.mname().toWire());
          out.write(soa.rname().toWire());
          out.writeInt((int) soa.serial());
          out.writeInt((int) soa.refresh());
          out.writeInt((int) soa.retry());
          out.writeInt((int) soa.expire());
          out.writeInt((int) soa.minimum());
        });
  }

  private static byte[] record(int type, long ttl, byte[] data) {
    return write(
        out -> {
          out.writeShort(type);
          out.writeShort(RecordType.IN);
          out.writeInt((int) ttl);
          out.writeShort(data.length);
          out.write(data);
        });
  }

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private static byte[] write(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writing.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new AssertionError("memory cannot fail to be written", e);
    }
    return bytes.toByteArray();
  }

  byte[] name() {
    return name;
  }

  /** The record of that type at the origin's own name; for ANY, one of them. */
  private byte[] own(int type) {
    int wanted = type == RecordType.ANY ? RecordType.SOA : type;
    return records.getOrDefault(wanted, new byte[0]);
  }

  /** The answer for the origin's own name. */
  Answer apex(Query query) {
    byte[] record = own(query.type());
    return record.length == 0 ? negative(query, Rcode.NOERROR) : Answer.of(1, owned(query, record));
  }

  /** The parameters of the zone, whatever name below the origin was asked for. */
  Answer soa(Query query) {
    byte[] ns = own(RecordType.NS);
    return new Answer(
        Rcode.NOERROR,
        true,
        1,
        owned(query, own(RecordType.SOA)),
        ns.length == 0 ? 0 : 1,
        ns.length == 0 ? ns : owned(query, ns));
  }

  /** That something is not there, in the authority of this origin. */
  Answer negative(Query query, int rcode) {
    return Answer.negative(rcode, owned(query, negative));
  }

  /** A record of this origin's name, to which the question's end is a pointer. */
  private byte[] owned(Query query, byte[] record) {
    int from = Query.HEADER + query.name().length - name.length;
    boolean root = name.length == 1;
    return write(
        out -> {
          if (root) {
            out.writeByte(0);
          } else {
            out.writeShort(POINTER | from);
          }
          out.write(record);
        });
  }
}
