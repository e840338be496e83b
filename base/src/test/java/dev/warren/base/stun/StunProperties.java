package dev.warren.base.stun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** STUN from anybody. */
class StunProperties {
  private static final long MEMORY = 16 << 20;

  @Provide
  Arbitrary<byte[]> messages() {
    byte[] transaction = new byte[12];
    return HostileInput.bytes(
        StunMessage.bindingRequest(transaction),
        StunMessage.bindingSuccess(transaction, new InetSocketAddress("192.0.2.1", 1)),
        HexFormat.of()
            .parseHex(
                "010100142112a442ebc2d36ef471217c4f3e308e8022000161000000002000080001ce665e12a443"));
  }

  @Provide
  Arbitrary<byte[]> ips() {
    return Arbitraries.of(4, 16).flatMap(n -> Arbitraries.bytes().array(byte[].class).ofSize(n));
  }

  @Property
  void anyBytesAreAMessageOrRefused(@ForAll("messages") byte[] bytes) throws Exception {
    check(bytes);
  }

  static void check(byte[] bytes) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          ByteBuffer in = ByteBuffer.wrap(bytes);
          try {
            StunMessage message = StunMessage.parse(in);
            message.mappedAddress();
            assertThat(StunMessage.isStun(in)).isTrue();
            StunWriter writer = new StunWriter(message.type(), message.transaction());
            int length = ByteBuffer.wrap(bytes).getShort(2) & 0xffff;
            if (length <= 1000) {
              message.attributes().forEach(a -> writer.attribute(a.type(), a.value()));
              assertThat(StunMessage.parse(ByteBuffer.wrap(writer.bytes())).attributes())
                  .hasSameSizeAs(message.attributes());
              assertThat(writer.bytes()).hasSize(StunMessage.HEADER + length);
            }
          } catch (StunFormatException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
          assertThat(in.position()).isZero();
        });
  }

  @Property
  void everyAddressComesBack(
      @ForAll @Size(12) byte[] transaction,
      @ForAll("ips") byte[] ip,
      @ForAll @IntRange(max = 65_535) int port)
      throws Exception {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(ip), port);
    byte[] response = StunMessage.bindingSuccess(transaction, address);
    StunMessage read = StunMessage.parse(ByteBuffer.wrap(response));
    assertThat(read.mappedAddress()).contains(address);
    assertThat(read.transaction()).isEqualTo(transaction);
    assertThat(response.length).isIn(32, 44);
  }

  @Property
  void oneChangedBitOfARequestIsNoticed(
      @ForAll @Size(12) byte[] transaction, @ForAll @IntRange(max = 223) int bit) {
    byte[] request = StunMessage.bindingRequest(transaction);
    request[bit / 8] ^= (byte) (1 << bit % 8);
    try {
      StunMessage read = StunMessage.parse(ByteBuffer.wrap(request));
      // What is left of the length, or the name of the attribute, may hide the fingerprint.
      assertThat(read.attribute(StunAttribute.FINGERPRINT)).isEmpty();
    } catch (StunFormatException noticed) {
      assertThat(noticed.getMessage()).isNotEmpty();
    }
  }

  @Property
  void messagesAreReadWhereverTheyLie(
      @ForAll @Size(12) byte[] transaction, @ForAll @IntRange(max = 50) int before)
      throws Exception {
    byte[] request = StunMessage.bindingRequest(transaction);
    byte[] all = new byte[before + request.length + 7];
    Arrays.fill(all, (byte) 0xff);
    System.arraycopy(request, 0, all, before, request.length);
    ByteBuffer in = ByteBuffer.wrap(all).position(before);
    assertThat(StunMessage.parse(in).transaction()).isEqualTo(transaction);
    assertThat(in.position()).isEqualTo(before);
  }
}
