package dev.warren.discovery.dht.wire;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Makes messages of dictionaries. Stateless. */
final class KrpcReader {
  private KrpcReader() {}

  static KrpcMessage message(byte[] datagram) throws DhtFormatException {
    SortedMap<String, Bencode> message = dict(Bencode.parse(datagram), "a message");
    byte[] transaction = text(message, "t");
    if (transaction == null
        || transaction.length == 0
        || transaction.length > KrpcMessage.MAX_TRANSACTION) {
      throw new DhtFormatException("the transaction id is missing or too long");
    }
    String kind = ascii(message, "y");
    switch (kind == null ? "" : kind) {
      case "q":
        return query(transaction, message);
      case "r":
        return answer(transaction, message);
      case "e":
        return failure(transaction, message);
      default:
        throw new DhtFormatException("neither query nor answer nor error");
    }
  }

  private static KrpcMessage query(byte[] transaction, SortedMap<String, Bencode> message)
      throws DhtFormatException {
    SortedMap<String, Bencode> arguments = dict(message.get("a"), "the arguments");
    String method = ascii(message, "q");
    if (method == null) {
      throw new DhtFormatException("a query does not say what it asks");
    }
    boolean readOnly = message.get("ro") instanceof Bencode.Int ro && ro.value() == 1;
    return new KrpcMessage.Query(
        transaction, required(arguments, "id"), readOnly, request(method, arguments));
  }

  private static KrpcRequest request(String method, SortedMap<String, Bencode> arguments)
      throws DhtFormatException {
    switch (method) {
      case "ping":
        return new KrpcRequest.Ping();
      case "find_node":
        return new KrpcRequest.FindNode(required(arguments, "target"));
      case "get_peers":
        return new KrpcRequest.GetPeers(required(arguments, "info_hash"));
      case "get":
        return new KrpcRequest.Get(required(arguments, "target"), number(arguments, "seq"));
      case "put":
        return put(arguments);
      default:
        // What names a target asks for nodes at least, whatever else it is (as libtorrent does).
        DhtId target = arguments.containsKey("target") ? required(arguments, "target") : null;
        return target != null
            ? new KrpcRequest.FindNode(target)
            : new KrpcRequest.Refused(cut(method), KrpcError.METHOD_UNKNOWN, "Method Unknown");
    }
  }

  private static KrpcRequest put(SortedMap<String, Bencode> arguments) throws DhtFormatException {
    byte[] token = text(arguments, "token");
    Bencode v = arguments.get("v");
    byte[] key = text(arguments, "k");
    byte[] signature = text(arguments, "sig");
    Long seq = number(arguments, "seq");
    byte[] salt = text(arguments, "salt");
    if (token == null || token.length > KrpcMessage.MAX_TOKEN || v == null) {
      return new KrpcRequest.Refused("put", KrpcError.PROTOCOL, "token or v is missing");
    }
    if (key == null || signature == null || seq == null) {
      return new KrpcRequest.Refused("put", KrpcError.PROTOCOL, "only mutable items are kept");
    }
    if (key.length != MutableItem.KEY || signature.length != MutableItem.SIGNATURE) {
      return new KrpcRequest.Refused("put", KrpcError.PROTOCOL, "k or sig has a wrong length");
    }
    byte[] value = v.encode();
    if (value.length > MutableItem.MAX_VALUE) {
      return new KrpcRequest.Refused("put", KrpcError.VALUE_TOO_BIG, "message (v field) too big");
    }
    if (salt != null && salt.length > MutableItem.MAX_SALT) {
      return new KrpcRequest.Refused("put", KrpcError.SALT_TOO_BIG, "salt too big");
    }
    MutableItem item =
        new MutableItem(key, salt == null ? new byte[0] : salt, seq, value, signature);
    DhtId target = arguments.containsKey("target") ? required(arguments, "target") : null;
    return new KrpcRequest.Put(target, token, item, number(arguments, "cas"));
  }

  private static KrpcMessage answer(byte[] transaction, SortedMap<String, Bencode> message)
      throws DhtFormatException {
    SortedMap<String, Bencode> results = dict(message.get("r"), "the results");
    byte[] token = text(results, "token");
    if (token != null && token.length > KrpcMessage.MAX_TOKEN) {
      throw new DhtFormatException("a token of " + token.length + " bytes");
    }
    Long seq = number(results, "seq");
    Bencode v = results.get("v");
    KrpcMessage.Item item =
        v == null
            ? null
            : new KrpcMessage.Item(text(results, "k"), v.encode(), text(results, "sig"), seq);
    return new KrpcMessage.Answer(
        transaction, required(results, "id"), observed(message), token, nodes(results), seq, item);
  }

  /** What is malformed here harms nobody: it is not used. */
  private static @Nullable InetSocketAddress observed(SortedMap<String, Bencode> message)
      throws DhtFormatException {
    byte[] ip = text(message, "ip");
    return ip == null ? null : CompactNodes.address(ip);
  }

  private static @Nullable List<DhtContact> nodes(SortedMap<String, Bencode> results)
      throws DhtFormatException {
    byte[] v4 = text(results, "nodes");
    byte[] v6 = text(results, "nodes6");
    if (v4 == null && v6 == null) {
      return null;
    }
    List<DhtContact> nodes = new ArrayList<>();
    if (v4 != null) {
      nodes.addAll(CompactNodes.parse(v4, 4));
    }
    if (v6 != null) {
      nodes.addAll(CompactNodes.parse(v6, 16));
    }
    return nodes;
  }

  private static KrpcMessage failure(byte[] transaction, SortedMap<String, Bencode> message)
      throws DhtFormatException {
    if (message.get("e") instanceof Bencode.Items list
        && list.values().size() >= 2
        && list.values().get(0) instanceof Bencode.Int code
        && list.values().get(1) instanceof Bencode.Text text) {
      String shown = cut(new String(text.bytes(), StandardCharsets.ISO_8859_1));
      int bounded = (int) Math.max(0, Math.min(Integer.MAX_VALUE, code.value()));
      return new KrpcMessage.Failure(transaction, bounded, shown);
    }
    throw new DhtFormatException("an error without code and text");
  }

  private static String cut(String text) {
    return text.length() > KrpcMessage.MAX_TEXT ? text.substring(0, KrpcMessage.MAX_TEXT) : text;
  }

  private static SortedMap<String, Bencode> dict(@Nullable Bencode value, String what)
      throws DhtFormatException {
    if (value instanceof Bencode.Dict dict) {
      return dict.entries();
    }
    throw new DhtFormatException("no dictionary where " + what + " must be");
  }

  private static DhtId required(SortedMap<String, Bencode> in, String key)
      throws DhtFormatException {
    byte[] id = text(in, key);
    if (id == null || id.length != DhtId.LENGTH) {
      throw new DhtFormatException(key + " is not an id of 20 bytes");
    }
    return DhtId.of(id);
  }

  private static byte @Nullable [] text(SortedMap<String, Bencode> in, String key)
      throws DhtFormatException {
    Bencode value = in.get(key);
    if (value == null) {
      return null;
    }
    if (value instanceof Bencode.Text text) {
      return text.bytes();
    }
    throw new DhtFormatException(key + " is no string");
  }

  private static @Nullable String ascii(SortedMap<String, Bencode> in, String key)
      throws DhtFormatException {
    byte[] bytes = text(in, key);
    return bytes == null ? null : new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static @Nullable Long number(SortedMap<String, Bencode> in, String key)
      throws DhtFormatException {
    Bencode value = in.get(key);
    if (value == null) {
      return null;
    }
    if (value instanceof Bencode.Int number) {
      return number.value();
    }
    throw new DhtFormatException(key + " is no number");
  }
}
