package dev.warren.discovery.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Packets, messages and TXT values from anybody. */
class PacketProperties {
  /** dnsjava reserves room for the records that a header announces, up to 8 bytes for each. */
  private static final long MEMORY = 32 << 20;

  @Provide
  Arbitrary<byte[]> packets() {
    return HostileInput.bytes(Vectors.A, Vectors.B, Vectors.C, Vectors.D, Vectors.E);
  }

  @Provide
  Arbitrary<byte[]> messages() {
    return HostileInput.bytes(dns(Vectors.A), dns(Vectors.C), dns(Vectors.D), dns(Vectors.F));
  }

  private static byte[] dns(byte[] packet) {
    return Arrays.copyOfRange(packet, SignedPacket.HEADER, packet.length);
  }

  @Provide
  Arbitrary<String> values() {
    return HostileInput.text(
        "relay=https://relay.example.com./",
        "addr=192.0.2.1:4433",
        "addr=[2001:db8::1]:4433",
        "addr=1_a1b2",
        "user-data=foobar",
        "relay=http://[::1]:3340/x?y=z");
  }

  @Property(tries = 300)
  void anyBytesAreASignedPacketOrRefused(@ForAll("packets") byte[] bytes) throws Exception {
    checkPacket(bytes);
  }

  static void checkPacket(byte[] bytes) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          try {
            SignedPacket packet = SignedPacket.parse(bytes);
            assertThat(packet.toBytes()).isEqualTo(bytes);
            TxtRecords.read(packet);
          } catch (SignedPacketException refused) {
            assertThat(refused.getMessage().length()).isLessThan(500);
          }
        });
  }

  /** Signed by a key of ours, so that every change of the message is seen by its parser. */
  @Property(tries = 600)
  void anyMessageThatIsSignedIsReadOrRefused(@ForAll("messages") byte[] dns) throws Exception {
    checkMessage(dns);
  }

  static void checkMessage(byte[] dns) throws Exception {
    NodeId id = Vectors.KEY.nodeId();
    byte[] signature = Vectors.KEY.sign(SignedPacket.signedBytes(7, dns));
    Bounded.run(
        MEMORY,
        () -> {
          try {
            SignedPacket packet = SignedPacket.ofParts(id, signature, 7, dns);
            assertThat(packet.dns()).isEqualTo(dns);
            TxtRecords read = TxtRecords.read(packet);
            SignedPacket again = read.sign(Vectors.KEY, TxtRecords.DEFAULT_TTL, 8);
            assertThat(again.isMoreRecentThan(packet)).isTrue();
            assertThat(read.addrs()).containsAll(TxtRecords.read(again).addrs());
          } catch (SignedPacketException refused) {
            assertThat(refused.reason())
                .isIn(SignedPacketException.Cause.DNS, SignedPacketException.Cause.LENGTH);
          }
          try {
            Message message = DnsMessages.parse(dns);
            TxtRecords.read(message.getSection(Section.ANSWER));
          } catch (DnsFormatException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
  }

  @Property(tries = 600)
  void anyValueIsReadOrSkippedAndWhatIsReadIsWrittenTheSame(@ForAll("values") String value)
      throws Exception {
    checkValue(value);
  }

  static void checkValue(String value) throws Exception {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    byte[] string = Arrays.copyOf(utf8, Math.min(255, utf8.length));
    byte[] data = new byte[1 + string.length];
    data[0] = (byte) string.length;
    System.arraycopy(string, 0, data, 1, string.length);
    Record record =
        Record.newRecord(
            TxtRecords.packetOwner(Vectors.KEY.nodeId()), Type.TXT, DClass.IN, 30, data);
    Bounded.run(
        MEMORY,
        () -> {
          TxtRecords read = TxtRecords.read(List.of(record));
          assertThat(read.isEmpty()).isEqualTo(read.skipped() == 1);
          SignedPacket packet = read.sign(Vectors.KEY, TxtRecords.DEFAULT_TTL, 1);
          assertThat(read.strings().isEmpty() ? read : TxtRecords.read(packet)).isEqualTo(read);
        });
  }
}
