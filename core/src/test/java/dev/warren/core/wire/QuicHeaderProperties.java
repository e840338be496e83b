package dev.warren.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Connection ids in the headers that strangers send, and server names. */
class QuicHeaderProperties {
  private static final long MEMORY = 32 << 20;

  @Provide
  Arbitrary<byte[]> packets() {
    HexFormat hex = HexFormat.of();
    return HostileInput.bytes(
        hex.parseHex("c00000000108" + "8011223344556677" + "080102030405060708" + "00" + "4000"),
        hex.parseHex("c00000000114" + "00".repeat(20) + "00" + "08" + "0102030405060708"),
        hex.parseHex("40" + "8111223344556677" + "ffffffff"),
        hex.parseHex("800000000008" + "8111223344556677" + "00"),
        new byte[0]);
  }

  @Provide
  Arbitrary<String> names() {
    NodeId id = SecretKey.ofBytes(new byte[32]).nodeId();
    return HostileInput.text(ServerName.of(id), "localhost", ".iroh.invalid");
  }

  @Property(tries = 300)
  void whatWeIssueComesBackToWhereItWasIssued(
      @ForAll long seed,
      @ForAll boolean client,
      @ForAll @IntRange(max = 63) int shard,
      @ForAll boolean longHeader) {
    byte[] id = ConnectionIds.next(new Random(seed), client, shard);
    assertThat(id).hasSize(ConnectionIds.LENGTH);
    ByteBuf packet = Unpooled.buffer();
    if (longHeader) {
      packet.writeByte(0xe0).writeInt(1).writeByte(id.length); // Handshake
    } else {
      packet.writeByte(0x40);
    }
    packet.writeBytes(id).writeZero(20);
    assertThat(ConnectionIds.side(packet))
        .isEqualTo(client ? ConnectionIds.Side.CLIENT : ConnectionIds.Side.SERVER);
    assertThat(ConnectionIds.shard(packet, ConnectionIds.MAX_SHARDS)).isEqualTo(shard);
    assertThat(ConnectionIds.destination(packet)).isEqualTo(ConnectionIds.key(id));
  }

  @Property(tries = 600)
  void anyPacketGoesSomewhereOrNowhere(
      @ForAll("packets") byte[] bytes, @ForAll @IntRange(min = 1, max = 64) int shards)
      throws Exception {
    checkPacket(bytes, shards);
  }

  static void checkPacket(byte[] bytes, int shards) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          // Not at index 0: an offset that forgets the reader index is wrong here.
          ByteBuf packet = Unpooled.wrappedBuffer(new byte[] {-1, -1, -1}, bytes);
          packet.skipBytes(3);
          ConnectionIds.isInitial(packet);
          ConnectionIds.isLongHeader(packet);
          if (ConnectionIds.side(packet) != ConnectionIds.Side.NONE) {
            assertThat(ConnectionIds.shard(packet, shards)).isBetween(0, shards - 1);
            ConnectionIds.destination(packet);
          }
          assertThat(packet.readableBytes()).isEqualTo(bytes.length);
        });
  }

  @Property(tries = 100)
  void aServerNameIsItsNode(@ForAll @Size(32) byte[] seed) {
    NodeId id = SecretKey.ofBytes(seed).nodeId();
    assertThat(ServerName.parse(ServerName.of(id))).contains(id);
  }

  @Property(tries = 400)
  void anyNameIsThatOfOneNodeOrOfNone(@ForAll("names") String name) throws Exception {
    checkName(name);
  }

  static void checkName(String name) throws Exception {
    Bounded.run(
        MEMORY,
        () ->
            ServerName.parse(name).ifPresent(id -> assertThat(name).isEqualTo(ServerName.of(id))));
  }
}
