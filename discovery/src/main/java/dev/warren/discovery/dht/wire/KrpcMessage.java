package dev.warren.discovery.dht.wire;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A message of the DHT (BEP 5: KRPC), one datagram: a bencoded dictionary with {@code t}, the
 * transaction id that an answer repeats, and {@code y}, the kind. Arrays are not copied and not to
 * be changed. Stateless.
 */
public sealed interface KrpcMessage {
  /**
   * Bytes of a message that we take or send: the longest one, an item in an answer with twenty
   * nodes of either family, has 1900, and Rust mainline reads 2048.
   */
  int MAX = 2048;

  /** Bytes of a transaction id that we repeat; nodes are known to use 1 to 8. */
  int MAX_TRANSACTION = 16;

  /** Bytes of a token that we keep and send back; nodes are known to use 4 to 20. */
  int MAX_TOKEN = 64;

  /** Characters of an error's text. */
  int MAX_TEXT = 100;

  /** The transaction id. */
  byte[] transaction();

  /**
   * Asks for something.
   *
   * @param readOnly the sender answers nothing itself (BEP 43) and is not to be remembered as a
   *     node
   */
  record Query(byte[] transaction, DhtId sender, boolean readOnly, KrpcRequest request)
      implements KrpcMessage {}

  /**
   * Answers a query.
   *
   * @param observed whom the query came from, as the answering node sees it (BEP 42)
   * @param token must come back with a put
   * @param nodes of either family
   * @param seq sequence number of the item, which may be there without the item (BEP 44)
   * @param item the item, as it is written; {@link Item#check} makes one of it
   */
  record Answer(
      byte[] transaction,
      DhtId sender,
      @Nullable InetSocketAddress observed,
      byte @Nullable [] token,
      @Nullable List<DhtContact> nodes,
      @Nullable Long seq,
      @Nullable Item item)
      implements KrpcMessage {}

  /**
   * The fields of an item in an answer, any of which may be missing or of a wrong length: one bad
   * item does not make the nodes beside it worthless.
   */
  record Item(
      byte @Nullable [] key, byte[] value, byte @Nullable [] signature, @Nullable Long seq) {
    /**
     * The item, not verified.
     *
     * @param salt what was asked for: answers do not repeat it
     * @throws DhtFormatException if a field is missing, or has a wrong length
     */
    public MutableItem check(byte[] salt) throws DhtFormatException {
      if (key == null || signature == null || seq == null) {
        throw new DhtFormatException("this is no mutable item");
      }
      if (key.length != MutableItem.KEY || signature.length != MutableItem.SIGNATURE) {
        throw new DhtFormatException("key or signature of an item have a wrong length");
      }
      if (value.length > MutableItem.MAX_VALUE) {
        throw new DhtFormatException("the value of an item is too big");
      }
      return new MutableItem(key, salt, seq, value, signature);
    }
  }

  /** Says why a query was not answered, with a code of BEP 5 or 44. */
  record Failure(byte[] transaction, int code, String text) implements KrpcMessage {}

  /**
   * The message that fills {@code datagram}.
   *
   * @throws DhtFormatException if it is none
   */
  static KrpcMessage parse(byte[] datagram) throws DhtFormatException {
    if (datagram.length > MAX) {
      throw new DhtFormatException("more than " + MAX + " bytes");
    }
    return KrpcReader.message(datagram);
  }

  /** The datagram. */
  default byte[] encode() {
    SortedMap<String, Bencode> message = new TreeMap<>();
    message.put("t", new Bencode.Text(transaction()));
    if (this instanceof Query query) {
      message.put("y", Bencode.text("q"));
      message.put("q", Bencode.text(query.request.method()));
      if (query.readOnly) {
        message.put("ro", new Bencode.Int(1));
      }
      SortedMap<String, Bencode> arguments = query.request.arguments();
      arguments.put("id", new Bencode.Text(query.sender.toBytes()));
      message.put("a", new Bencode.Dict(arguments));
    } else if (this instanceof Answer answer) {
      message.put("y", Bencode.text("r"));
      if (answer.observed != null) {
        message.put("ip", new Bencode.Text(CompactNodes.endpoint(answer.observed)));
      }
      message.put("r", new Bencode.Dict(results(answer)));
    } else if (this instanceof Failure failure) {
      message.put("y", Bencode.text("e"));
      message.put(
          "e",
          new Bencode.Items(List.of(new Bencode.Int(failure.code), Bencode.text(failure.text))));
    }
    return new Bencode.Dict(message).encode();
  }

  private static SortedMap<String, Bencode> results(Answer answer) {
    SortedMap<String, Bencode> results = new TreeMap<>();
    results.put("id", new Bencode.Text(answer.sender.toBytes()));
    if (answer.token != null) {
      results.put("token", new Bencode.Text(answer.token));
    }
    if (answer.nodes != null) {
      byte[] v6 = CompactNodes.encode(answer.nodes, 16);
      // Rust mainline does not take an answer to find_node or get without nodes, if empty.
      results.put("nodes", new Bencode.Text(CompactNodes.encode(answer.nodes, 4)));
      if (v6.length > 0) {
        results.put("nodes6", new Bencode.Text(v6));
      }
    }
    if (answer.seq != null) {
      results.put("seq", new Bencode.Int(answer.seq));
    }
    Item item = answer.item;
    if (item != null && item.key != null && item.signature != null) {
      results.put("k", new Bencode.Text(item.key));
      results.put("sig", new Bencode.Text(item.signature));
      results.put("v", new Bencode.Encoded(item.value));
    }
    return results;
  }
}
