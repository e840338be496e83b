package dev.warren.dns.server;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.List;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;

/** The vectors of dns-server section 12 and discovery section 12.2, and packets like them. */
public final class Vectors {
  public static final HexFormat HEX = HexFormat.of();

  /** Of vector A. */
  public static final String Z32 = "yqooxx9u3aemh8mo5wcqq16yufu6jitouq1o4za751dger1igghy";

  /** Signature, timestamp and DNS message of vector A: the body of its PUT. */
  public static final byte[] A =
      HEX.parseHex(
          "2b6b338a93c692eaaeed95c5e401f3aa0690eb125eb594a0a64a6cce120ac86d"
              + "496d4b477b4d641b73854c1336cf875bf6a5d2ccf0da444d37772e2c835dfe00"
              + "00060a24181e4000"
              + "000080000000000300000000055f69726f683479716f6f787839753361656d68386d6f3577637171313679756675366a"
              + "69746f7571316f347a613735316467657231696767687900001000010000001e00222172656c61793d68747470733a2f"
              + "2f72656c61792e6578616d706c652e636f6d2e2fc00c001000010000001e001413616464723d3139322e302e322e313a"
              + "34343333c00c001000010000001e001817616464723d5b323030313a6462383a3a315d3a34343333");

  public static final byte[] QUERY =
      HEX.parseHex(
          "123401000001000000000000055f69726f683479716f6f787839753361656d68386d6f3577637171313679756675366a"
              + "69746f7571316f347a613735316467657231696767687907"
              + "69726f68646e73076578616d706c650000100001");

  public static final byte[] RESPONSE =
      HEX.parseHex(
          "123485000001000300000000055f69726f683479716f6f787839753361656d68386d6f3577637171313679756675366a"
              + "69746f7571316f347a6137353164676572316967676879076972"
              + "6f68646e73076578616d706c650000100001c00c001000010000001e0022"
              + "2172656c61793d68747470733a2f2f72656c61792e6578616d706c652e636f6d2e2fc00c001000010000001e0014"
              + "13616464723d3139322e302e322e313a34343333c00c001000010000001e001817616464723d5b323030313a6462383a"
              + "3a315d3a34343333");

  /** The same query for {@code ?dns=}. */
  public static final String QUERY_BASE64URL =
      "EjQBAAABAAAAAAAABV9pcm9oNHlxb294eDl1M2FlbWg4bW81d2NxcTE2eXVmdTZqaXRvdXExbzR6YTc1MWRnZXIxaWdn"
          + "aHkHaXJvaGRucwdleGFtcGxlAAAQAAE";

  private Vectors() {}

  public static NodeId id() {
    try {
      return NodeId.parseZ32(Z32);
    } catch (KeyParseException e) {
      throw new AssertionError(e);
    }
  }

  /** Signed records. */
  public static SignedPacket packet(SecretKey key, long timestamp, List<Record> records) {
    Message message = new Message(0);
    message.getHeader().setFlag(Flags.QR);
    records.forEach(record -> message.addRecord(record, Section.ANSWER));
    return SignedPacket.sign(key, message.toWire(), timestamp);
  }

  /** Those of scenario S1 (dns-server section 12.1). */
  public static List<Record> s1(SecretKey key) {
    try {
      String k = key.nodeId().toZ32() + ".";
      return List.of(
          txt(k, "hi0"),
          txt("_hello." + k, "hi1"),
          txt("_hello.world." + k, "hi2"),
          txt("multiple." + k, "hi3"),
          txt("multiple." + k, "hi4"),
          new ARecord(name(k), DClass.IN, 30, InetAddress.getByName("127.0.0.1")),
          new AAAARecord(name("foo.bar.baz." + k), DClass.IN, 30, InetAddress.getByName("::1")));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  public static TXTRecord txt(String owner, String text) {
    return new TXTRecord(name(owner), DClass.IN, 30, text);
  }

  public static Name name(String text) {
    try {
      return Name.fromString(text, Name.root);
    } catch (TextParseException e) {
      throw new AssertionError(e);
    }
  }
}
