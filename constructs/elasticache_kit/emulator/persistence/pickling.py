"""The state of moto's backends as bytes, and back: a pickle that also takes what moto's models hold and pickle refuses.

One pickle for everything, because backends refer to each other: a stack of CloudFormation to the subnets of EC2.
Whoever can write such bytes can have any code run; `state_file` reads them from the emulator's own directory only.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import sys
import threading
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakValueDictionary

from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import serialization

from elasticache_kit.emulator.persistence import closure

if TYPE_CHECKING:
    from moto.ec2.models import EC2Backend
    from moto.ssm.models import ParameterDict

PROTOCOL = 5
# The classes of keys have no other place; cryptography does not describe it to type checkers.
_openssl: Any = openssl


def dumps(state: object) -> bytes:
    """Write state as bytes.

    Raises:
        pickle.PicklingError, TypeError: something in it cannot be written.
        RuntimeError: somebody changes it meanwhile.
    """
    out = io.BytesIO()
    _Pickler(out).dump(state)
    return out.getvalue()


def loads(data: bytes) -> Any:
    """Read what `dumps` wrote, by the same versions of everything."""
    return pickle.loads(data)  # noqa: S301 - see the module


def _of_lock(_: object) -> Any:
    # Nobody holds a lock of a process that is gone.
    return threading.Lock, ()


def _of_reentrant_lock(_: object) -> Any:
    return threading.RLock, ()


def _of_private_key(key: Any) -> Any:
    # moto's KMS holds some.
    form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return _to_private_key, (key.private_bytes(*form),)


def _to_private_key(data: bytes) -> Any:
    return serialization.load_der_private_key(data, None)


def _of_weak_values(values: WeakValueDictionary[Any, Any]) -> Any:
    return WeakValueDictionary, (dict(values),)


def _of_parameters(parameters: ParameterDict) -> Any:
    arguments = parameters.account_id, parameters.region_name
    return type(parameters), arguments, vars(parameters), None, iter(list(parameters.items()))


def _of_ec2(backend: EC2Backend) -> Any:
    # Nine tenths of what EC2 holds are the public images that moto brings along, each with a snapshot: ids will do.
    stock = {name: image for name, image in backend.amis.items() if image.owner_alias == "amazon"}
    snapshots: dict[str, str] = {name: image.ebs_snapshot.id for name, image in stock.items()}
    dropped = set(snapshots.values())
    state = {
        **vars(backend),
        "amis": {name: image for name, image in backend.amis.items() if name not in stock},
        "snapshots": {name: item for name, item in backend.snapshots.items() if name not in dropped},
    }
    return type(backend), (backend.region_name, backend.account_id), (state, snapshots), None, None, _to_ec2


def _to_ec2(backend: EC2Backend, kept: tuple[dict[str, Any], dict[str, str]]) -> None:
    state, snapshots = kept
    images = {name: image for name, image in backend.amis.items() if name in snapshots}
    for name, image in images.items():
        image.ebs_snapshot.id = snapshots[name]
    state["amis"] = {**images, **state["amis"]}
    state["snapshots"] = {**{item.ebs_snapshot.id: item.ebs_snapshot for item in images.values()}, **state["snapshots"]}
    vars(backend).update(state)


_REDUCERS: dict[Any, Any] = {
    type(threading.Lock()): _of_lock,
    type(threading.RLock()): _of_reentrant_lock,
    WeakValueDictionary: _of_weak_values,
    _openssl.ec.ECPrivateKey: _of_private_key,
    _openssl.rsa.RSAPrivateKey: _of_private_key,
}
# Of moto's, by module and name: where a module was not needed there is nothing of it to write.
_REDUCERS_OF_MOTO = {("moto.ec2.models", "EC2Backend"): _of_ec2, ("moto.ssm.models", "ParameterDict"): _of_parameters}


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, PROTOCOL)
        of_moto: dict[Any, Any] = {
            getattr(sys.modules[module], name): reduce
            for (module, name), reduce in _REDUCERS_OF_MOTO.items()
            if module in sys.modules
        }
        # Looked up for every object: a ChainMap takes twice the time of all the rest.
        self.dispatch_table: Any = {**cast("dict[Any, Any]", copyreg.dispatch_table), **_REDUCERS, **of_moto}

    def reducer_override(self, obj: Any, /) -> Any:
        return closure.reduce(obj) if type(obj) is FunctionType else NotImplemented
