"""flask-jwt-extended: the routes that are measured."""

import os

from flask import Flask, jsonify
from flask_jwt_extended import JWTManager, jwt_required

app = Flask(__name__)
app.config["JWT_SECRET_KEY"] = os.environ["BENCH_SECRET"]
JWTManager(app)


@app.get("/open")
def open_route():
    return jsonify(1)


@app.get("/protected")
@jwt_required()
def protected_route():
    return jsonify(1)
