package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What a peer of the older generation may send, valid and not. */
class LegacyProperties {
  private static final SecretKey KEY = SecretKey.ofBytes(new byte[32]);
  private static final byte[] INFO = ClientInfo.encode(KEY);

  @Provide
  Arbitrary<byte[]> infos() {
    return HostileInput.bytes(INFO);
  }

  @Provide
  Arbitrary<byte[]> packets() {
    return HostileInput.bytes(
        new byte[] {5, 0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6},
        new byte[] {0, 0, 0, 0},
        new byte[] {(byte) 255, (byte) 255, 1});
  }

  @Provide
  Arbitrary<byte[]> headers() {
    return HostileInput.bytes(Streams.ascii(ExporterProof.encode(KEY, new byte[32])));
  }

  @Property(tries = 100)
  void whatWasPackedComesBack(@ForAll @Size(max = 20) List<@Size(max = 100) byte[]> datagrams) {
    ByteBuf packet = Unpooled.buffer();
    for (byte[] datagram : datagrams) {
      PackedDatagrams.append(packet, Unpooled.wrappedBuffer(datagram), 0, datagram.length);
    }
    List<byte[]> back = unpack(ByteBufUtil.getBytes(packet));
    assertThat(Arrays.deepEquals(back.toArray(), datagrams.toArray())).isTrue();
  }

  @Property(tries = 500)
  void anyPacketIsReadToItsEndOrToWhereItIsBroken(@ForAll("packets") byte[] packet)
      throws Exception {
    checkPacket(packet);
  }

  static void checkPacket(byte[] packet) throws Exception {
    Bounded.run(
        Streams.MEMORY,
        () -> {
          int read = unpack(packet).stream().mapToInt(d -> d.length + 2).sum();
          assertThat(read).isLessThanOrEqualTo(packet.length);
        });
  }

  private static List<byte[]> unpack(byte[] packet) {
    ByteBuf in = Unpooled.wrappedBuffer(packet);
    List<byte[]> datagrams = new ArrayList<>();
    for (int at = 0; ; ) {
      int length = PackedDatagrams.lengthAt(in, at, packet.length);
      if (length == PackedDatagrams.END) {
        return datagrams;
      }
      datagrams.add(ByteBufUtil.getBytes(in, at + PackedDatagrams.PREFIX, length));
      at += PackedDatagrams.PREFIX + length;
    }
  }

  @Property(tries = 300)
  void noOtherBytesAreTheClientsInfo(@ForAll("infos") byte[] info) throws Exception {
    checkInfo(info);
  }

  static void checkInfo(byte[] info) throws Exception {
    Bounded.run(
        Streams.MEMORY,
        () -> assertThat(ClientInfo.verify(info).isPresent()).isEqualTo(Arrays.equals(info, INFO)));
  }

  @Property(tries = 300)
  void noOtherHeaderProvesAnId(@ForAll("headers") byte[] header) throws Exception {
    checkHeader(header);
  }

  static void checkHeader(byte[] header) throws Exception {
    Bounded.run(
        Streams.MEMORY,
        () -> {
          try {
            ExporterProof proof = ExporterProof.decode(new String(header, "ISO-8859-1"));
            if (proof.isValidFor(new byte[32])) {
              assertThat(proof.id()).isEqualTo(KEY.nodeId());
            }
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage().length()).isLessThan(100);
          }
        });
  }
}
