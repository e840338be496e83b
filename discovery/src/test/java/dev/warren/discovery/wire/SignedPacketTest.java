package dev.warren.discovery.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacketException.Cause;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Section;

/** The order of the tests, and what a packet is compared by; the vectors are in VectorsTest. */
@Tag("trouble")
class SignedPacketTest {
  private static final SecretKey KEY = SecretKey.generate();

  private static SignedPacket at(long timestamp, int ttl) {
    return TxtRecords.of(java.util.List.of(), "x")
        .sign(KEY, java.time.Duration.ofSeconds(ttl), timestamp);
  }

  private static Cause refusal(byte[] bytes) {
    try {
      SignedPacket.parse(bytes);
      return null;
    } catch (SignedPacketException e) {
      assertThat(e.getMessage().length()).isLessThan(200);
      return e.reason();
    }
  }

  @Test
  void flippingAnyBitOfAPacketMakesItRefused() {
    byte[] bytes = Vectors.A;
    for (int bit = 0; bit < bytes.length * 8; bit += 7) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(refusal(flipped)).as("bit %d", bit).isIn(Cause.SIGNATURE, Cause.KEY);
    }
  }

  @Test
  void lengthIsJudgedBeforeTheRest() {
    assertThat(refusal(Arrays.copyOf(Vectors.A, 103))).isEqualTo(Cause.LENGTH);
    assertThat(refusal(new byte[0])).isEqualTo(Cause.LENGTH);
    assertThat(refusal(new byte[1105])).isEqualTo(Cause.LENGTH);
    assertThat(refusal(new byte[1104])).isNotEqualTo(Cause.LENGTH);
  }

  @Test
  void aPayloadOf1073BytesIsTooLong() {
    assertThatThrownBy(() -> SignedPacket.fromRelayPayload(KEY.nodeId(), new byte[1073]))
        .isInstanceOfSatisfying(
            SignedPacketException.class, e -> assertThat(e.reason()).isEqualTo(Cause.LENGTH));
    assertThatThrownBy(() -> SignedPacket.fromRelayPayload(KEY.nodeId(), new byte[71]))
        .isInstanceOf(SignedPacketException.class);
  }

  @Test
  void aPayloadIsReadUnderItsOwnIdOnly() throws Exception {
    SignedPacket packet = at(1, 30);
    assertThat(packet.relayPayload()).hasSize(packet.toBytes().length - 32);
    assertThat(SignedPacket.fromRelayPayload(KEY.nodeId(), packet.relayPayload()))
        .isEqualTo(packet);
    NodeId other = SecretKey.generate().nodeId();
    assertThatThrownBy(() -> SignedPacket.fromRelayPayload(other, packet.relayPayload()))
        .isInstanceOfSatisfying(
            SignedPacketException.class, e -> assertThat(e.reason()).isEqualTo(Cause.SIGNATURE));
  }

  @Test
  void theTimestampIsSigned() {
    byte[] swapped = at(1, 30).toBytes();
    System.arraycopy(at(2, 30).toBytes(), 96, swapped, 96, 8);
    assertThat(refusal(swapped)).isEqualTo(Cause.SIGNATURE);
  }

  @Test
  void whatIsSignedMustBeAWholeDnsMessage() {
    byte[] noise = HexFormat.of().parseHex("deadbeef");
    assertThat(refusal(signed(noise))).isEqualTo(Cause.DNS);
    byte[] reserved = new byte[12];
    reserved[3] = 0x40;
    assertThat(refusal(signed(reserved))).isEqualTo(Cause.DNS);
    byte[] promising = new byte[12];
    promising[6] = (byte) 0xff;
    assertThat(refusal(signed(promising))).isEqualTo(Cause.DNS);
    promising[2] = 2; // truncated: a resolver would take what there is
    assertThat(refusal(signed(promising))).isEqualTo(Cause.DNS);
    assertThatThrownBy(() -> SignedPacket.sign(KEY, noise, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SignedPacket.sign(KEY, new byte[1001], 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyWellFormedMessageIsTakenNotOnlyTxt() throws Exception {
    var message = new org.xbill.DNS.Message(0);
    message.addRecord(
        org.xbill.DNS.Record.newRecord(
            TxtRecords.packetOwner(KEY.nodeId()), org.xbill.DNS.Type.A, 1, 30, new byte[4]),
        Section.ANSWER);
    SignedPacket packet = SignedPacket.parse(signed(message.toWire()));
    assertThat(packet.message().getSection(Section.ANSWER)).hasSize(1);
    assertThat(TxtRecords.read(packet).isEmpty()).isTrue();
  }

  private static byte[] signed(byte[] dns) {
    byte[] bytes = Arrays.copyOf(KEY.nodeId().toBytes(), SignedPacket.HEADER + dns.length);
    System.arraycopy(KEY.sign(SignedPacket.signedBytes(0, dns)), 0, bytes, 32, 64);
    System.arraycopy(dns, 0, bytes, SignedPacket.HEADER, dns.length);
    return bytes;
  }

  @Test
  void theNewerTimestampWinsAndOfEqualOnesTheGreaterMessage() {
    assertThat(at(2, 30).isMoreRecentThan(at(1, 31))).isTrue();
    assertThat(at(1, 30).isMoreRecentThan(at(2, 30))).isFalse();
    assertThat(at(-1, 30).isMoreRecentThan(at(Long.MAX_VALUE, 30))).as("unsigned").isTrue();
    assertThat(at(1, 255).isMoreRecentThan(at(1, 30))).as("unsigned bytes").isTrue();
    assertThat(at(1, 30).isMoreRecentThan(at(1, 255))).isFalse();
    assertThat(at(1, 30).isMoreRecentThan(at(1, 30))).isFalse();
  }

  @Test
  void theBytesAreCopies() throws Exception {
    byte[] given = Vectors.A.clone();
    SignedPacket packet = SignedPacket.parse(given);
    given[0] ^= 1;
    packet.toBytes()[1] ^= 1;
    packet.dns()[1] ^= 1;
    assertThat(packet.toBytes()).isEqualTo(Vectors.A);
    assertThat(
            HexFormat.of()
                .formatHex(
                    MessageDigest.getInstance("SHA-1").digest(Arrays.copyOf(packet.toBytes(), 32))))
        .isEqualTo("fd81a6db64d6faf7f702c07971a82c25c1dc3c90");
  }
}
